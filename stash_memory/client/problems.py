"""Errors, raised again from the problem documents (RFC 9457) that the server makes of them."""

from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from stash_memory import errors
from stash_memory.errors import MemoryExpired, RateLimited, StashError, StoreUnavailable

# What a document adds to its detail, by the name of the argument that takes it.
MEMBERS = ("field", "limit_bytes", "applied")


def tree(kind: type[StashError] = StashError) -> Iterator[type[StashError]]:
    """Every class of the error tree."""
    yield kind
    for inner in kind.__subclasses__():
        if inner.__module__ == errors.__name__:
            yield from tree(inner)


CLASSES = {kind.code: kind for kind in tree()}


def error_of(status: int, document: Any, retry_after: str | int | None = None) -> StashError:
    """The error that the server raised; a StashError with its status and code, where this library has no class."""
    if not isinstance(document, dict) or not isinstance(document.get("code"), str):
        return not_stash(status, retry_after)
    detail = document.get("detail")
    kind = CLASSES.get(document["code"])
    if kind is None or kind is StashError:
        return unknown(status, document)
    wait_ms = milliseconds(retry_after)
    if kind is MemoryExpired:
        instant = datetime.fromisoformat(document["expired_at"])
        return MemoryExpired(round(instant.timestamp() * 1000), detail)
    if kind is RateLimited:
        return RateLimited(wait_ms, detail)
    given: dict[str, Any] = {name: document[name] for name in MEMBERS if name in document}
    if kind is StoreUnavailable:
        given["retry_after_ms"] = wait_ms
    return kind(detail, **given)


def unknown(status: int, document: dict[str, Any]) -> StashError:
    """An error of a newer server's, perhaps."""
    error = StashError(document.get("detail"))
    error.status, error.code = status, document["code"]
    error.title = document.get("title", error.title)
    return error


def not_stash(status: int, retry_after: str | int | None = None) -> StashError:
    """An answer that no Stash server gives: a proxy's in front of it, or another program's."""
    if status in (502, 503, 504):
        return StoreUnavailable(
            f"What stands before the server answered {status}; try again soon.",
            applied="unknown",
            retry_after_ms=milliseconds(retry_after),
        )
    error = StashError(f"The server answered {status}, and not as Stash does; check the URL.")
    error.status = status
    return error


def milliseconds(retry_after: str | int | None) -> int:
    """Retry-After (RFC 9110, section 10.2.3), seconds or a date, in milliseconds from now; without it a second."""
    if retry_after is None:
        return 1000
    try:
        return max(0, int(retry_after)) * 1000
    except ValueError:
        pass
    try:
        instant = parsedate_to_datetime(str(retry_after))
        return max(0, round((instant - datetime.now(instant.tzinfo)).total_seconds() * 1000))
    except ValueError:
        return 1000
