"""The purge: removes expired memories, ends moves, and records how much lives.

Expiry never waits for it: an expired memory does not exist, purged or not. The purge only frees its room.
"""

import logging
import time

from django.utils import timezone

from accounts.models import PoolMove
from stash_memory.errors import StashError
from stash_memory.records import Totals
from storage.models import Lease, PurgeRun
from storage.pools import Pools
from storage.store import pools

log = logging.getLogger("stash.purge")

EVERY_SECONDS = 60
# A run ends before the next one is due, and leaves the rest to it.
RUN_SECONDS = 45
LEASE_SECONDS = 120


def purge() -> PurgeRun | None:
    """Runs the purge once; returns None if another process is running it. Raises StoreUnavailable."""
    with Lease.held("purge", LEASE_SECONDS) as mine:
        return run() if mine else None


def run() -> PurgeRun:
    """Purges the pools in turn, in steps, until nothing is left or the time is up; records and logs the result.

    An unreachable pool is logged and left out. Raises StoreUnavailable if no pool can be reached.
    """
    started_at, deadline = timezone.now(), time.monotonic() + RUN_SECONDS
    runs = [PoolPurge(pools(), name) for name in pools()]
    while (pending := [run for run in runs if run.more]) and time.monotonic() < deadline:
        for run in pending:
            run.step()
    end_finished_moves(pools())
    for run in runs:
        run.count()
    failed = [run.failed for run in runs if run.failed is not None]
    if len(failed) == len(runs):
        raise failed[0]
    live = {run.name: None if run.live is None else run.live._asdict() for run in runs}
    facts = {
        "memories": sum(run.memories for run in runs),
        "bytes": sum(run.bytes for run in runs),
        "live_memories": sum(run.live.memories for run in runs if run.live is not None),
        "live_bytes": sum(run.live.bytes for run in runs if run.live is not None),
    }
    done = PurgeRun.record(started_at=started_at, pools=live, **facts)
    duration_ms = round((done.finished_at - started_at).total_seconds() * 1000, 2)
    log.info("expired_purged", extra={"fields": {**facts, "duration_ms": duration_ms}})
    return done


STEP = 10_000


class PoolPurge:
    """One pool in a run: what it removed, whether there is `more`, its `live` totals, and the error that `failed`."""

    def __init__(self, pools: Pools, name: str) -> None:
        self.pools = pools
        self.name = name
        self.memories = 0
        self.bytes = 0
        self.more = True
        self.live: Totals | None = None
        self.failed: StashError | None = None

    def step(self) -> None:
        """Removes at most STEP expired memories."""
        try:
            removed = self.pools[self.name].purge(STEP)
        except StashError as error:
            self.fail(error)
            return
        self.memories += removed.memories
        self.bytes += removed.bytes
        # The next run takes the memories that other transactions hold locked.
        self.more = removed.more and removed.memories > 0

    def count(self) -> None:
        """Counts the live memories."""
        if self.failed is None:
            try:
                self.live = self.pools[self.name].totals()
            except StashError as error:
                self.fail(error)

    def fail(self, error: StashError) -> None:
        """Leaves the pool out of the rest of the run."""
        self.failed, self.more = error, False
        log.error("purge_failed", extra={"fields": {"pool": self.name, "message": error.detail}})


# Moves in one run, at most: each costs a round trip and a statement.
MOST = 1_000


def end_finished_moves(pools: Pools) -> int:
    """Ends the moves whose old pool is empty; returns how many ended. Skips pools that are down."""
    due = (
        PoolMove.objects.filter(look_at__lte=timezone.now()).select_related("user__tier").order_by("look_at")
    )
    down: set[str] = set()
    over = 0
    for move in due[:MOST]:
        if move.pool in down:
            continue
        if move.pool == move.user.tier.pool:
            # The user came back, so every lookup reads this pool anyway.
            move.delete()
            over += 1
            continue
        try:
            over += move.looked(pools[move.pool].totals(move.user.public_id).memories)
        except StashError:
            down.add(move.pool)
    return over
