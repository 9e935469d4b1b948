"""What several pools come to."""

from collections.abc import Sequence

from stash_memory.backends.base import Backend, Purged, Totals


def totals(pools: Sequence[Backend], user: str | None) -> Totals:
    """What is alive in all of them, of one user or of all."""
    found = [pool.totals(user) for pool in pools]
    return Totals(sum(one.memories for one in found), sum(one.bytes for one in found))


def purge(pools: Sequence[Backend], budget: int) -> Purged:
    """Each pool gets what those before it left of the budget."""
    memories = size = 0
    more = False
    for pool in pools:
        purged = pool.purge(max(0, budget - memories))
        memories, size, more = memories + purged.memories, size + purged.bytes, more or purged.more
    return Purged(memories, size, more)
