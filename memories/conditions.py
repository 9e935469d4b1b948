"""Conditional requests (RFC 9110, section 13): the version of a memory is its ETag."""

import re

from rest_framework.request import Request

from stash_memory.errors import InvalidRequest

TAG = re.compile(r'(?:W/)?"([^"]*)"')


def if_match(request: Request) -> str | None:
    """The version that a write is made for; None for any. Raises InvalidRequest."""
    return version_in(request, "HTTP_IF_MATCH", "If-Match")


def if_none_match(request: Request) -> str | None:
    """The version that the client has already; None for none. Raises InvalidRequest."""
    return version_in(request, "HTTP_IF_NONE_MATCH", "If-None-Match")


def version_in(request: Request, name: str, header: str) -> str | None:
    """The one version in a header; `*` is any."""
    value = request.META.get(name, "*").strip()
    if value == "*":
        return None
    tag = TAG.fullmatch(value)
    if tag is None:
        raise InvalidRequest(f'{header} must be one version in quotes, as ETag has it: "5eac2b3eb532cb63".')
    return tag[1]
