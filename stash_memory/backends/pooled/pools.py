"""Several pools as one: a user's stays in them, and the sums and merges of their answers."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stash_memory.backends.base import Backend
from stash_memory.errors import MemoryExpired, MemoryMissing
from stash_memory.operations import Result
from stash_memory.records import Caps, Page, Purged, Totals


class Stay(NamedTuple):
    """New memories go to `pool` until `until_ms`, milliseconds since the epoch on the pool's clock; None: for good."""

    pool: Backend
    until_ms: int | None = None


def first_found(results: Iterator[Result]) -> Result:
    """The result of the first pool that has the memory.

    If none has it: the latest expiry that any pool remembers, or MemoryNotFound.
    """
    missing: list[MemoryMissing] = []
    for result in results:
        if not isinstance(result, MemoryMissing):
            return result
        missing.append(result)
    expired = [error for error in missing if isinstance(error, MemoryExpired)]
    return max(expired, key=lambda error: error.expired_at_ms, default=missing[0])


def merge_pages(pages: Sequence[Page], limit: int) -> Page:
    """One page of at most `limit` entries, from each pool's page of the same range; the newest pool comes first.

    An id that went from one pool to another between two of them is shown once, as the newer pool has it.
    """
    found = {entry.id: entry for page in reversed(pages) for entry in page.entries}
    entries = sorted(found.values(), key=lambda entry: entry.id.encode())
    # Nobody has looked beyond a pool's cursor yet.
    cursors = [page.cursor for page in pages if page.cursor is not None]
    if cursors:
        end = min(cursors, key=str.encode)
        entries = [entry for entry in entries if entry.id.encode() <= end.encode()]
    if len(entries) > limit:
        return Page(entries[:limit], entries[limit - 1].id)
    return Page(entries, end if cursors else None)


def sum_totals(pools: Sequence[Backend], user: str | None) -> Totals:
    """Live memories and bytes in all pools, of one user or of all."""
    found = [pool.totals(user) for pool in pools]
    return Totals(sum(one.memories for one in found), sum(one.bytes for one in found))


def purge_all(pools: Sequence[Backend], budget: int) -> Purged:
    """Purges pool after pool; each gets the rest of the budget."""
    memories = size = 0
    more = False
    for pool in pools:
        purged = pool.purge(max(0, budget - memories))
        memories, size, more = memories + purged.memories, size + purged.bytes, more or purged.more
    return Purged(memories, size, more)


def caps_beside(pool: Backend, stays: Sequence[Stay], user: str, caps: Caps | None) -> Caps | None:
    """The caps for a write to `pool`, less what the user keeps in the others; below zero if that is too much."""
    others = {id(stay.pool): stay.pool for stay in stays if stay.pool is not pool}.values()
    if caps is None or caps == Caps() or not others:
        return caps
    kept = sum_totals([*others], user)
    return Caps(
        None if caps.memories is None else caps.memories - kept.memories,
        None if caps.bytes is None else caps.bytes - kept.bytes,
    )
