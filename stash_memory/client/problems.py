"""Errors, read from the problem documents (RFC 9457) that the server sends."""

from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from stash_memory import errors
from stash_memory.errors import MemoryExpired, RateLimited, StashError, StoreUnavailable

# The document's members besides its detail, named as the arguments that take them.
MEMBERS = ("field", "limit_bytes", "applied")


def walk_tree(kind: type[StashError] = StashError) -> Iterator[type[StashError]]:
    """Yields every class of the error tree."""
    yield kind
    for inner in kind.__subclasses__():
        if inner.__module__ == errors.__name__:
            yield from walk_tree(inner)


CLASSES = {kind.code: kind for kind in walk_tree()}


def read_error(status: int, document: Any, retry_after: str | int | None = None) -> StashError:
    """Makes the error that the server raised; a StashError with its status and code if this library has no class."""
    if not isinstance(document, dict) or not isinstance(document.get("code"), str):
        return explain_stranger(status, retry_after)
    detail = document.get("detail")
    kind = CLASSES.get(document["code"])
    if kind is None or kind is StashError:
        return read_unknown(status, document)
    wait_ms = parse_retry_after(retry_after)
    if kind is MemoryExpired:
        instant = datetime.fromisoformat(document["expired_at"])
        return MemoryExpired(round(instant.timestamp() * 1000), detail)
    if kind is RateLimited:
        return RateLimited(wait_ms, detail)
    members: dict[str, Any] = {name: document[name] for name in MEMBERS if name in document}
    if kind is StoreUnavailable:
        members["retry_after_ms"] = wait_ms
    return kind(detail, **members)


def read_unknown(status: int, document: dict[str, Any]) -> StashError:
    """Makes a StashError for a code that this library does not know, perhaps a newer server's."""
    error = StashError(document.get("detail"))
    error.status, error.code = status, document["code"]
    error.title = document.get("title", error.title)
    return error


def explain_stranger(status: int, retry_after: str | int | None = None) -> StashError:
    """Makes the error for an answer that no Stash server gives: a proxy's in front of it, or another program's."""
    if status in (502, 503, 504):
        return StoreUnavailable(
            f"A proxy before the server answered {status}; try again soon.",
            applied="unknown",
            retry_after_ms=parse_retry_after(retry_after),
        )
    error = StashError(f"The server answered {status}, and not as Stash does; check the URL.")
    error.status = status
    return error


def parse_retry_after(value: str | int | None) -> int:
    """Converts Retry-After (RFC 9110, section 10.2.3), seconds or a date, to milliseconds from now; 1000 without it."""
    if value is None:
        return 1000
    try:
        return max(0, int(value)) * 1000
    except ValueError:
        pass
    try:
        instant = parsedate_to_datetime(str(value))
        return max(0, round((instant - datetime.now(instant.tzinfo)).total_seconds() * 1000))
    except ValueError:
        return 1000
