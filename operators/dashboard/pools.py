"""Where memories live: the state of each pool, its tiers and totals, and alarms."""

import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Count
from redis.exceptions import RedisError

from accounts.models import Tier
from operators.charts.units import lasting, number, size
from operators.dashboard import redis_state
from stash_memory.errors import StashError
from stash_memory.operations import Recall
from storage.models import PurgeRun
from storage.store import pools

log = logging.getLogger("stash.dashboard")

# A page waits this long for all pools that do not answer, however many they are.
PATIENCE_SECONDS = 0.7


@dataclass(frozen=True, slots=True)
class PoolState:
    """State of a pool: whether it answers, and `facts` of it by name."""

    up: bool
    facts: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Tells whether the pool needs no attention."""
        return self.up and not self.warnings


DOWN = PoolState(up=False)


def states(now: datetime) -> dict[str, PoolState]:
    """Asks all pools at once; returns their states by name. One that does not answer in time is down."""
    names = list(pools())
    threads = ThreadPoolExecutor(len(names), thread_name_prefix="stash-pool-state")
    asked = {name: threads.submit(state, name, now) for name in names}
    done, _ = wait(asked.values(), timeout=PATIENCE_SECONDS)
    # Threads that still wait end by their own timeouts.
    threads.shutdown(wait=False, cancel_futures=True)
    return {name: future.result() if future in done else DOWN for name, future in asked.items()}


def state(name: str, now: datetime) -> PoolState:
    """Asks one pool."""
    try:
        if settings.STASH_BACKEND == "redis":
            return PoolState(
                True, *redis_state.describe(settings.STASH_POOLS.get(name, settings.REDIS_URL), now)
            )
        if settings.STASH_BACKEND == "database":
            # The page itself has just been read from this database.
            return PoolState(True, [("Kept in", "the database of users and keys")])
        pools()[name].do("usr_nobody", [Recall("dashboard")])
    except (StashError, RedisError, OSError, ValueError) as error:
        log.warning("pool_unavailable", extra={"fields": {"pool": name, "message": type(error).__name__}})
        return DOWN
    if settings.STASH_BACKEND == "memory":
        return PoolState(True, [("Memory", f"at most {size(settings.STASH_MAX_MEMORY_BYTES)}")])
    file = settings.STASH_HOME / "memories.db"
    return PoolState(True, [("File", f"{file.name}, {size(bytes_of(file))} with its log")])


def bytes_of(file: Path) -> int:
    """Returns the bytes of a SQLite file and its write-ahead log, which has the latest writes until a checkpoint."""
    found = file.stat().st_size
    # SQLite deletes the log with the last connection.
    with suppress(FileNotFoundError):
        found += file.with_name(f"{file.name}-wal").stat().st_size
    return found


@dataclass(frozen=True, slots=True)
class PoolRow:
    """One pool. `memories` and `bytes` are the snapshot's, or None if it lacks the pool."""

    name: str
    tiers: str
    memories: str | None
    bytes: str | None
    state: PoolState


def pool_rows(snapshot: PurgeRun | None, now: datetime) -> list[PoolRow]:
    """Returns every pool with its state now, those in trouble first. Takes one query, and the patience of `states`."""
    tiers = list(Tier.objects.annotate(users=Count("user")))
    names, found = list(pools()), states(now)
    live = snapshot.pools if snapshot else {}
    single = len(names) == 1
    rows = []
    for name in names:
        counted = live.get(name)
        named = [f"{tier.name} ({number(tier.users)})" for tier in tiers if single or tier.pool == name]
        memories = None if counted is None else number(counted["memories"])
        sizes = None if counted is None else size(counted["bytes"])
        rows.append(PoolRow(name, ", ".join(named) or "no tier", memories, sizes, found.get(name, DOWN)))
    # Pools that are down come first, then pools that warn.
    return sorted(rows, key=lambda row: (row.state.up, row.state.well))


@dataclass(frozen=True, slots=True)
class Alarm:
    """One pool in trouble. `counted_at` is when the purge last reached it, or None if that is unknown."""

    pool: str
    tiers: str
    down: bool
    warnings: list[str]
    counted_at: datetime | None = None
    ago: str = ""


def alarms(rows: Iterable[PoolRow], now: datetime) -> list[Alarm]:
    """Returns an alarm for each pool in trouble, in the order of the rows. Takes a query for each that is down."""
    return [alarm(row, now) for row in rows if not row.state.well]


def alarm(row: PoolRow, now: datetime) -> Alarm:
    """Returns the alarm of one pool in trouble."""
    if row.state.up:
        return Alarm(row.name, row.tiers, False, row.state.warnings)
    at = last_counted(row.name)
    return Alarm(row.name, row.tiers, True, [], at, lasting(now - at) if at else "")


def last_counted(pool: str) -> datetime | None:
    """Returns the end of the last purge that reached the pool. Reads the runs since then, of at most a week."""
    runs = PurgeRun.objects.values_list("finished_at", "pools").iterator(chunk_size=100)
    return next((finished_at for finished_at, pools in runs if pools.get(pool) is not None), None)
