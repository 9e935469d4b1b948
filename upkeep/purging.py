"""The purge: removes what has expired, and takes the snapshot of what lives.

Expiry never waits for it: an expired memory does not exist, purged or not. It only gives the room back.
"""

import logging
import time

from django.utils import timezone

from storage.models import Lease, PurgeRun
from storage.store import pools
from upkeep.moves import end_those_over
from upkeep.pool_purge import PoolPurge

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
