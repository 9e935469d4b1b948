"""The law: what becomes of an operation. The one place that decides it for the memory and the SQL engines.

Redis decides in `backends/redis/record.lua`, the one second copy, which the contract suite holds against this one.
"""

from typing import NamedTuple, Protocol

from stash_memory.errors import (
    MemoryExpired,
    MemoryMissing,
    MemoryNotFound,
    PreconditionFailed,
    QuotaExceeded,
)
from stash_memory.operations import Forget, Operation, Put, Recall
from stash_memory.records import Body, Caps, Totals

# A user is told "expired" instead of "not found" for so long, of at least so many of the newest.
REMEMBERED_MS = 24 * 3600 * 1000
REMEMBERED = 1000


class Closed(PreconditionFailed):
    """There is no memory with this id, and no new ones are taken here any more.

    It never reaches a client: a pooled backend that asked for it knows where else to go.
    """


class Row(Protocol):
    """What an engine keeps of an id, alive or expired."""

    @property
    def expires_at_ms(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def version(self) -> str: ...


class Books(Protocol):
    """What an engine knows of one user, asked only if it matters."""

    def expired_at_ms(self, id: str) -> int | None:
        """When the id's memory expired, if it has no row any more and that is remembered."""
        ...

    def held(self, *, exact: bool) -> Totals:
        """What the user keeps. Unless `exact`, it may count what has expired and is not cleared."""
        ...


class Outcome(NamedTuple):
    """What an operation does to its row.

    `expires_at_ms`: the row's expiry afterwards. `body`: the new data, None to leave it. `created`: no live row was
    there before. `removed`: the row goes. `reads`: the answer carries the row's data.
    """

    expires_at_ms: int
    body: Body | None = None
    created: bool = False
    removed: bool = False
    reads: bool = False


def decide(operation: Operation, row: Row | None, now_ms: int, books: Books, size: int = 0) -> Outcome:
    """The operation's outcome on `row` at `now_ms`, the engine's clock; `size` is that of the body it brings.

    Raises MemoryNotFound, MemoryExpired, PreconditionFailed, Closed and QuotaExceeded, in that order: what is missing
    and versions are judged before caps.
    """
    live = row if row is not None and row.expires_at_ms > now_ms else None
    if isinstance(operation, Put):
        return _put(operation, live, now_ms, books, size)
    if live is None:
        expired_at_ms = books.expired_at_ms(operation.id) if row is None else row.expires_at_ms
        raise missing(expired_at_ms, now_ms)
    if isinstance(operation, Recall):
        reads = live.version != operation.unless_version
        if operation.at_least_ms is None:
            return Outcome(live.expires_at_ms, reads=reads)
        most_ms = operation.bounds.max_ttl_ms
        return Outcome(
            extended(live.expires_at_ms, now_ms, None, operation.at_least_ms, most_ms), reads=reads
        )
    if operation.if_version is not None and live.version != operation.if_version:
        raise PreconditionFailed
    if isinstance(operation, Forget):
        return Outcome(live.expires_at_ms, removed=True)
    expires_at_ms = extended(
        live.expires_at_ms, now_ms, operation.extra_ms, operation.at_least_ms, operation.bounds.max_ttl_ms
    )
    if operation.body is not None:
        check_caps(operation.bounds.caps, live, size, books)
    return Outcome(expires_at_ms, operation.body)


def _put(put: Put, live: Row | None, now_ms: int, books: Books, size: int) -> Outcome:
    if put.if_absent and live is not None:
        raise taken()
    if put.if_version is not None and (live is None or live.version != put.if_version):
        raise PreconditionFailed
    _, _, caps, before_ms = put.bounds
    if live is None and before_ms is not None and now_ms >= before_ms:
        raise Closed
    check_caps(caps, live, size, books)
    return Outcome(now_ms + put.life_ms, put.body, live is None)


def taken() -> PreconditionFailed:
    """The refusal of a put that only creates, if there is a live memory."""
    return PreconditionFailed("There is a memory with this id already, and the request only creates.")


def missing(expired_at_ms: int | None, now_ms: int) -> MemoryMissing:
    """Decides 410 or 404: MemoryExpired for a memory that expired within 24 hours, else MemoryNotFound."""
    if expired_at_ms is None or expired_at_ms + REMEMBERED_MS <= now_ms:
        return MemoryNotFound()
    return MemoryExpired(expired_at_ms)


def check_caps(caps: Caps | None, live: Row | None, size: int, books: Books) -> None:
    """Raises QuotaExceeded if `size` bytes in place of `live` would pass a cap.

    A write that makes neither number larger passes, even over the cap.
    """
    if caps is None or (live is not None and size <= live.size):
        return
    more_memories, more_bytes = (1, size) if live is None else (0, size - live.size)
    for exact in (False, True):
        held = books.held(exact=exact)
        if caps.admit(held.memories + more_memories, held.bytes + more_bytes):
            return
    raise QuotaExceeded


def extended(
    expires_at_ms: int,
    now_ms: int,
    extra_ms: int | None,
    at_least_ms: int | None,
    max_ttl_ms: int,
) -> int:
    """The new expiry of a memory that lives until `expires_at_ms`.

    `extra_ms` adds to the remaining life, `at_least_ms` raises it to itself; both are held to `max_ttl_ms` from now.
    Never earlier than before: only a new put shortens a life.
    """
    wanted = expires_at_ms
    if extra_ms is not None:
        wanted = expires_at_ms + extra_ms
    if at_least_ms is not None:
        wanted = max(wanted, now_ms + at_least_ms)
    return max(expires_at_ms, min(wanted, now_ms + max_ttl_ms))
