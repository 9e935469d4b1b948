"""One pool's part in a run of the purge."""

import logging

from memories.pools import Pools
from stash_memory.errors import StashError
from stash_memory.records import Totals

log = logging.getLogger("stash.purge")

STEP = 10_000


class PoolPurge:
    """What was removed from the pool, whether there is `more`, and what is `live`; `failed` if it cannot be reached."""

    def __init__(self, pools: Pools, name: str) -> None:
        self.pools = pools
        self.name = name
        self.memories = 0
        self.bytes = 0
        self.more = True
        self.live: Totals | None = None
        self.failed: StashError | None = None

    def step(self) -> None:
        """Removes some."""
        try:
            removed = self.pools[self.name].purge(STEP)
        except StashError as error:
            self.fail(error)
            return
        self.memories += removed.memories
        self.bytes += removed.bytes
        # What others hold on to is left to the next run.
        self.more = removed.more and removed.memories > 0

    def count(self) -> None:
        """Counts what is left."""
        if self.failed is None:
            try:
                self.live = self.pools[self.name].totals()
            except StashError as error:
                self.fail(error)

    def fail(self, error: StashError) -> None:
        """Nothing more is asked of it in this run."""
        self.failed, self.more = error, False
        log.error("purge_failed", extra={"fields": {"pool": self.name, "message": error.detail}})
