"""The purge: removes expired memories, ends moves, and records how much lives.

Expiry never waits for it: an expired memory does not exist, purged or not. The purge only frees its room.
"""

import logging
import time

from django.utils import timezone

from accounts.models import PoolMove
from stash_memory.backends.base import Totals
from stash_memory.errors import StashError
from storage.models import Lease, PurgeRun
from storage.pools import Pools
from storage.store import pools

log = logging.getLogger("stash.purge")

EVERY_SECONDS = 60
# A run ends before the next one is due; what it did not reach is left to that one.
RUN_SECONDS = 45
LEASE_SECONDS = 120


def purge() -> PurgeRun | None:
    """One run; None while another process is at it. Raises StoreUnavailable."""
    with Lease.held("purge", LEASE_SECONDS) as mine:
        return run() if mine else None


def run() -> PurgeRun:
    """Purges in steps, each pool in turn, until nothing is left or the time is up; records and logs what it did.

    A pool that cannot be reached is logged and left out. Raises StoreUnavailable where none can be.
    """
    started_at, deadline = timezone.now(), time.monotonic() + RUN_SECONDS
    runs = [PoolPurge(pools(), name) for name in pools()]
    while (pending := [run for run in runs if run.more]) and time.monotonic() < deadline:
        for run in pending:
            run.step()
    end_those_over(pools())
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


# What one run looks at, at most: each is a round trip and a statement.
MOST = 1_000


def end_those_over(pools: Pools) -> int:
    """Looks into the pools whose time has come; returns how many moves are over. A pool that is down is left out."""
    due = (
        PoolMove.objects.filter(look_at__lte=timezone.now()).select_related("user__tier").order_by("look_at")
    )
    down: set[str] = set()
    over = 0
    for move in due[:MOST]:
        if move.pool in down:
            continue
        if move.pool == move.user.tier.pool:
            # The user came back, and the pool is looked into anyway.
            move.delete()
            over += 1
            continue
        try:
            over += move.looked(pools[move.pool].totals(move.user.public_id).memories)
        except StashError:
            down.add(move.pool)
    return over
