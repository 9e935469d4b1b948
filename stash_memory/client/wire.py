"""The API over HTTP, without I/O: what each call sends, and what its answer means.

Paths, bodies and answers are those of the README; errors come back as `problems` has them.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from stash_memory.client import problems
from stash_memory.client.answers import listed, memory, results
from stash_memory.client.calls import (
    Call,
    Create,
    Forget,
    ForgetPrefix,
    ListPage,
    Many,
    Put,
    Recall,
    Update,
)
from stash_memory.client.data import decode
from stash_memory.errors import MemoryMissing, StashError

encode = msgspec.json.Encoder().encode


class Request(NamedTuple):
    """A request: `target` is the path with its query, `headers` are those besides the key's.

    `writes`: it may change something. `repeatable`: it may be sent again though it may have been applied, since twice
    is the same as once, in what it does and in what it answers.
    """

    method: str
    target: str
    body: bytes | None = None
    headers: Mapping[str, str] = {}
    writes: bool = True
    repeatable: bool = False


class Response(NamedTuple):
    """An answer whose header names are in lower case. `repeated`: an earlier try may have been applied."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    repeated: bool = False


def request_of(call: Call) -> Request:
    """What the call sends."""
    match call:
        case Recall(memory_id, extend):
            query = "" if extend is None else f"?extend={extend}"
            return Request(
                "GET", f"/recall/{path(memory_id)}{query}", writes=extend is not None, repeatable=True
            )
        case Put(memory_id, text, ttl, if_version, if_absent):
            # A second try of a conditional put would meet its own first one, and be refused.
            once = if_absent or if_version is not None
            target = f"/stash/{path(memory_id)}"
            return Request(
                "PUT", target, stashed(text, ttl), conditions(if_version, if_absent), repeatable=not once
            )
        case Create(text, ttl):
            return Request("POST", "/stash", stashed(text, ttl))
        case Update(memory_id, new, extra_seconds, if_version):
            once = extra_seconds is not None or if_version is not None
            target = f"/update/{path(memory_id)}"
            body = members(data=new, extra_seconds=extra_seconds)
            return Request("PATCH", target, body, conditions(if_version), repeatable=not once)
        case Forget(memory_id, if_version):
            return Request(
                "DELETE", f"/forget/{path(memory_id)}", None, conditions(if_version), repeatable=True
            )
        case ForgetPrefix(prefix):
            # A second try would count what the first one left.
            return Request("DELETE", f"/stash?{urlencode({'prefix': prefix})}")
        case ListPage(prefix, cursor, limit):
            query = urlencode(
                {"prefix": prefix, "limit": limit} | ({} if cursor is None else {"cursor": cursor})
            )
            return Request("GET", f"/stash?{query}", writes=False, repeatable=True)
        case Many(calls):
            reads = all(isinstance(single, Recall) for single in calls)
            body = b'{"operations":[' + b",".join(map(operation, calls)) + b"]}"
            return Request("POST", "/batch", body, writes=not reads, repeatable=reads)


def answer_of(call: Call, response: Response) -> Any:
    """What the answer means, as `calls` has it. Raises StashError."""
    status, headers, body, repeated = response
    if status >= 300:
        error = problems.error_of(status, document(body), headers.get("retry-after"))
        if repeated and isinstance(call, Forget) and isinstance(error, MemoryMissing):
            # Most likely it was our own first try; in any case it is gone, as was asked.
            return None
        raise error
    if isinstance(call, Forget):
        return None
    try:
        return MEANINGS[type(call)](call, document(body), headers)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise problems.not_stash(status) from None


MEANINGS: dict[type, Callable[[Any, Any, Mapping[str, str]], Any]] = {
    Create: memory,
    Put: memory,
    Recall: memory,
    Update: memory,
    ForgetPrefix: lambda call, answer, headers: int(answer["forgotten"]),
    ListPage: listed,
    Many: results,
}


def document(body: bytes) -> Any:
    """The JSON in an answer's body; None where it is none."""
    try:
        return decode(body)
    except (StashError, UnicodeDecodeError):
        return None


def path(memory_id: str) -> str:
    """An id as a path has it."""
    return quote(memory_id, safe="/:")


def conditions(if_version: str | None, if_absent: bool = False) -> Mapping[str, str]:
    """The conditional headers (RFC 9110, section 13)."""
    if if_absent:
        return {"If-None-Match": "*"}
    return {} if if_version is None else {"If-Match": f'"{if_version}"'}


def members(**given: Any) -> bytes:
    """A JSON object of those members that are not None. Of `data` the value is JSON text already."""
    pairs = [
        encode(name) + b":" + (value if name == "data" else encode(value))
        for name, value in given.items()
        if value is not None
    ]
    return b"{" + b",".join(pairs) + b"}"


def stashed(text: bytes, ttl: int | None) -> bytes:
    """The body of stash and put."""
    return members(data=text, ttl=ttl)


def operation(call: Call) -> bytes:
    """A call inside a batch."""
    match call:
        case Create(text, ttl):
            return members(verb="stash", data=text, ttl=ttl)
        case Put(memory_id, text, ttl, if_version, if_absent):
            absent = "*" if if_absent else None
            return members(
                verb="put", memory_id=memory_id, data=text, ttl=ttl, if_match=if_version, if_none_match=absent
            )
        case Recall(memory_id, extend):
            return members(verb="recall", memory_id=memory_id, extend=extend)
        case Update(memory_id, new, extra_seconds, if_version):
            return members(
                verb="update",
                memory_id=memory_id,
                data=new,
                extra_seconds=extra_seconds,
                if_match=if_version,
            )
        case Forget(memory_id, if_version):
            return members(verb="forget", memory_id=memory_id, if_match=if_version)
    raise TypeError(type(call))
