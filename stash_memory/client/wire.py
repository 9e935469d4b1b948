"""The API over HTTP, without I/O: builds an operation's request, and reads its answer.

Both derive from the operation's `verb`; `problems` reads errors.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from stash_memory.client import problems
from stash_memory.client.data import decode
from stash_memory.client.memory import UNSET, Entry, Memory, Page
from stash_memory.errors import MemoryMissing, StashError
from stash_memory.operations import AnyOperation, Batch, Forget, ForgetPrefix, ListPage, Single
from stash_memory.operations.members import quoted
from stash_memory.operations.verb import BODY, HEADER, JSON, QUERY, Member

encode = msgspec.json.Encoder().encode


class Request(NamedTuple):
    """A request: `target` is the path with its query, `headers` omits the key's.

    `writes`: the request may change something. `repeatable`: it is idempotent, in effect and in answer, so that it may
    be sent again although it may have been applied.
    """

    method: str
    target: str
    body: bytes | None = None
    headers: Mapping[str, str] = {}
    writes: bool = True
    repeatable: bool = False


class Response(NamedTuple):
    """A response whose header names are in lower case. `repeated`: an earlier try may have been applied."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    repeated: bool = False


def build_request(operation: AnyOperation | Batch) -> Request:
    """Builds the operation's request."""
    if isinstance(operation, Batch):
        reads = not any(single.writes for single in operation.operations)
        texts = b",".join(map(_write_batched, operation.operations))
        return Request(
            "POST", "/batch", b'{"operations":[' + texts + b"]}", writes=not reads, repeatable=reads
        )
    verb = operation.verb
    target = "/" + verb.route.replace("{memory_id}", _quote(getattr(operation, "id", "")))
    if query := _collect(operation, verb.placed(QUERY)):
        target += "?" + urlencode({member.name: value for member, value in query})
    headers = {member.header: quoted(value) for member, value in _collect(operation, verb.placed(HEADER))}
    body = _write_object(_collect(operation, verb.placed(BODY))) if verb.body else None
    return Request(verb.method, target, body, headers, operation.writes, operation.repeatable)


def read_answer(operation: AnyOperation | Batch, response: Response) -> Any:
    """Reads the answer: a Memory, None of a forget, a Page, a count, or a batch's results. Raises StashError."""
    status, headers, body, repeated = response
    if status >= 300:
        error = problems.read_error(status, read_document(body), headers.get("retry-after"))
        if repeated and isinstance(operation, Forget) and isinstance(error, MemoryMissing):
            # Most likely the first try deleted it; in any case it is gone, as the caller asked.
            return None
        raise error
    if isinstance(operation, Forget):
        return None
    try:
        answer = read_document(body)
        if isinstance(operation, Batch):
            pairs = zip(operation.operations, answer["results"], strict=True)
            return [_read_result(single, one["status"], one, headers) for single, one in pairs]
        if isinstance(operation, ListPage):
            return _read_page(answer)
        if isinstance(operation, ForgetPrefix):
            return int(answer["forgotten"])
        return _read_memory(operation, answer, headers)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise problems.explain_stranger(status) from None


def read_document(body: bytes) -> Any:
    """Reads the JSON in a response's body; None if it has none."""
    try:
        return decode(body)
    except (StashError, UnicodeDecodeError):
        return None


def _quote(memory_id: str) -> str:
    return quote(memory_id, safe="/:")


def _collect(operation: AnyOperation, members: Sequence[Member]) -> list[tuple[Member, Any]]:
    """Collects the members that the operation sets, with their JSON values."""
    found = []
    for member in members:
        attribute = getattr(operation, member.attribute)
        value = None if attribute is None else member.write(attribute)
        if value is not None:
            found.append((member, value))
    return found


def _write_object(pairs: Sequence[tuple[Member, Any]], head: bytes = b"") -> bytes:
    """Writes a JSON object; the value of `data` is JSON text already."""
    texts = [encode(m.name) + b":" + (value if m.kind == JSON else encode(value)) for m, value in pairs]
    return b"{" + b",".join([head, *texts] if head else texts) + b"}"


def _write_batched(operation: Single) -> bytes:
    """Writes the operation as a member of a batch."""
    verb = operation.verb
    return _write_object(_collect(operation, verb.members), b'"verb":' + encode(verb.name))


def _read_memory(operation: Single, answer: Any, headers: Mapping[str, str]) -> Memory:
    ttl = int(answer["ttl"] if "ttl" in answer else answer["ttl_remaining"])
    if "expires_at" in answer:
        expires_at_ms = round(datetime.fromisoformat(answer["expires_at"]).timestamp() * 1000)
    else:
        # A recall's answer omits the expiry; the server's clock and the remaining life give it to a second.
        expires_at_ms = _read_server_time_ms(headers.get("date")) + ttl * 1000
    data = answer["data"] if operation.verb.data else UNSET
    # A proxy that compresses makes an ETag weak.
    version = headers["etag"].removeprefix("W/").strip('"')
    return Memory(answer["memory_id"], ttl, expires_at_ms, version, data)


def _read_page(answer: Any) -> Page:
    entries = [
        Entry(
            line["memory_id"],
            line["bytes"],
            line["ttl_remaining"],
            datetime.fromisoformat(line["expires_at"]),
        )
        for line in answer["memories"]
    ]
    return Page(entries, answer["cursor"])


def _read_result(operation: Single, status: int, one: Any, headers: Mapping[str, str]) -> Any:
    """Reads one result of a batch: the memory, None of a forget, or the error."""
    if status >= 300:
        return problems.read_error(status, one["body"], one.get("retry_after"))
    if isinstance(operation, Forget):
        return None
    return _read_memory(operation, one["body"], {"etag": one["etag"], "date": headers.get("date", "")})


def _read_server_time_ms(date: str | None) -> int:
    """Reads the instant in a Date header, or else this machine's clock."""
    if date:
        try:
            return _parse_date_ms(date)
        except ValueError:
            pass
    return time.time_ns() // 1_000_000


# Many answers share one second, and parsing its date takes 10 us.
@lru_cache(8)
def _parse_date_ms(date: str) -> int:
    return round(parsedate_to_datetime(date).timestamp() * 1000)
