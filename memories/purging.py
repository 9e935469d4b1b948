"""The purge: removes what has expired, and takes the snapshot of what lives.

Expiry never waits for it: an expired memory does not exist, purged or not. It only gives the room back.
"""

import logging
import time

from django.utils import timezone

from memories.models import Lease, PurgeRun
from memories.store import store

log = logging.getLogger("stash.purge")

EVERY_SECONDS = 60
# A run ends before the next one is due; what it did not reach is left to that one.
RUN_SECONDS = 45
LEASE_SECONDS = 120
STEP = 10_000


def purge() -> PurgeRun | None:
    """One run; None while another process is at it. Raises StoreUnavailable."""
    with Lease.held("purge", LEASE_SECONDS) as mine:
        return run() if mine else None


def run() -> PurgeRun:
    """Purges in steps, until nothing is left or the time is up; records and logs what it did."""
    started_at, deadline = timezone.now(), time.monotonic() + RUN_SECONDS
    memories = freed = 0
    more = True
    while more and time.monotonic() < deadline:
        step = store().purge(STEP)
        memories, freed = memories + step.memories, freed + step.bytes
        # What others hold on to is left to the next run.
        more = step.more and step.memories > 0
    live = store().totals()
    done = PurgeRun.record(
        started_at=started_at,
        memories=memories,
        bytes=freed,
        live_memories=live.memories,
        live_bytes=live.bytes,
    )
    fields = {
        "memories": memories,
        "bytes": freed,
        "live_memories": live.memories,
        "live_bytes": live.bytes,
        "duration_ms": round((done.finished_at - started_at).total_seconds() * 1000, 2),
    }
    log.info("expired_purged", extra={"fields": fields})
    return done
