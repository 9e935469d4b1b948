"""Every route of the URL conf, and what these tests need to know of each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from django.urls import URLPattern, URLResolver, get_resolver

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """How to make a request to it. In `query` and `body`, NAME stands for what the request names.

    `names`: the id of one memory, the beginning of many, the id of a key, or nothing that somebody could own.
    `writes` memories, so that a read-only key may not; in a batch, `each` operation is judged by itself.
    `open`: needs no key. `answers`: with this status, where nothing is amiss.
    """

    names: Literal["memory", "prefix", "key", None] = None
    query: str = ""
    body: str = ""
    writes: bool = False
    each: bool = False
    open: bool = False
    answers: int = 200


ROUTES = {
    "POST /stash": Route(body='{"data": "written"}', writes=True),
    "GET /stash": Route("prefix", query="prefix=NAME"),
    "DELETE /stash": Route("prefix", query="prefix=NAME", writes=True),
    "PUT /stash/{memory_id}": Route("memory", body='{"data": "written"}', writes=True),
    "GET /recall/{memory_id}": Route("memory"),
    "PATCH /update/{memory_id}": Route("memory", body='{"data": "written", "extra_seconds": 5}', writes=True),
    "DELETE /forget/{memory_id}": Route("memory", writes=True),
    "POST /batch": Route(
        "memory",
        body='{"operations": [{"verb": "recall", "memory_id": "NAME"},'
        ' {"verb": "recall", "memory_id": "NAME", "extend": 60},'
        ' {"verb": "update", "memory_id": "NAME", "data": "written"},'
        ' {"verb": "forget", "memory_id": "NAME"},'
        ' {"verb": "put", "memory_id": "NAME", "data": "written"}]}',
        each=True,
    ),
    "GET /whoami": Route(),
    "GET /keys": Route(),
    # Scope is about memories: a read-only key may mint read-only keys (DESIGN.md).
    "POST /keys": Route(body='{"name": "child"}'),
    "DELETE /keys/{key_id}": Route("key"),
    "GET /openapi.json": Route(open=True),
    "GET /docs": Route(open=True),
    "GET /llms.txt": Route(open=True),
    "GET /health/live": Route(open=True),
    "GET /health/ready": Route(open=True),
    # No API key opens it, and without STASH_METRICS_TOKEN it is not there (tests/metrics).
    "GET /metrics": Route(open=True, answers=404),
}

ADVICE = "add a Route that says what it names, what query and body it takes, whether it writes, and whether it is open"


def known(name: str) -> Route:
    """What is known of the route. Raises LookupError with what is to be done for a new one."""
    if name not in ROUTES:
        raise LookupError(
            f"{name} is in the URL conf and not in ROUTES of tests/isolation/routes.py: {ADVICE}."
        )
    return ROUTES[name]


def in_url_conf(patterns: list[Any] | None = None, before: str = "/") -> Iterator[str]:
    """`GET /recall/{memory_id}`: each route with each method that it takes, but for the admin's pages."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = before + PARAMETER.sub(r"{\1}", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                yield from in_url_conf(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            for method in methods_of(pattern.callback):
                yield f"{method} {path}"


def methods_of(view: Any) -> list[str]:
    """The methods that a view takes: a viewset's own, a class's, and of a plain function GET."""
    if hasattr(view, "actions"):
        return [method.upper() for method in view.actions]
    if hasattr(view, "view_class"):
        methods = ("get", "post", "put", "patch", "delete")
        return [method.upper() for method in methods if hasattr(view.view_class, method)]
    return ["GET"]
