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
from stash_memory.errors import MemoryMissing, StashError
from storage.models import PurgeRun
from storage.store import pools

log = logging.getLogger("stash.dashboard")

# A page waits so long for pools that do not answer, however many they are.
PATIENCE_SECONDS = 0.7


@dataclass(frozen=True, slots=True)
class PoolState:
    """Whether the pool answers; `facts` are what it says of itself, by name."""

    up: bool
    facts: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def well(self) -> bool:
        """Whether there is nothing to see to."""
        return self.up and not self.warnings


DOWN = PoolState(up=False)


def states(now: datetime) -> dict[str, PoolState]:
    """Of each pool by name; one that does not answer in time is down."""
    names = list(pools())
    threads = ThreadPoolExecutor(len(names), thread_name_prefix="stash-pool-state")
    asked = {name: threads.submit(state, name, now) for name in names}
    done, _ = wait(asked.values(), timeout=PATIENCE_SECONDS)
    # Those that still wait end by their own time-outs.
    threads.shutdown(wait=False, cancel_futures=True)
    return {name: future.result() if future in done else DOWN for name, future in asked.items()}


def state(name: str, now: datetime) -> PoolState:
    """Of one pool."""
    try:
        if settings.STASH_BACKEND == "redis":
            return PoolState(
                True, *redis_state.describe(settings.STASH_POOLS.get(name, settings.REDIS_URL), now)
            )
        if settings.STASH_BACKEND == "database":
            # The page has come from it.
            return PoolState(True, [("Kept in", "the database of users and keys")])
        with suppress(MemoryMissing):
            pools()[name].get("usr_nobody", "dashboard")
    except (StashError, RedisError, OSError, ValueError) as error:
        log.warning("pool_unavailable", extra={"fields": {"pool": name, "message": type(error).__name__}})
        return DOWN
    if settings.STASH_BACKEND == "memory":
        return PoolState(True, [("Memory", f"at most {size(settings.STASH_MAX_MEMORY_BYTES)}")])
    file = settings.STASH_HOME / "memories.db"
    return PoolState(True, [("File", f"{file.name}, {size(bytes_of(file))} with its log")])


def bytes_of(file: Path) -> int:
    """Of a SQLite database and its write-ahead log, where what was written last lies until the next checkpoint."""
    found = file.stat().st_size
    # The log goes with the last connection.
    with suppress(FileNotFoundError):
        found += file.with_name(f"{file.name}-wal").stat().st_size
    return found


@dataclass(frozen=True, slots=True)
class PoolRow:
    """One pool. `memories` and `bytes` are the snapshot's, None where it has none of the pool."""

    name: str
    tiers: str
    memories: str | None
    bytes: str | None
    state: PoolState


def pool_rows(snapshot: PurgeRun | None, now: datetime) -> list[PoolRow]:
    """Every pool and how it does now, the ill ones first. One query; the time that `states` has for those down."""
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
    # Those that are down first, and then those that warn.
    return sorted(rows, key=lambda row: (row.state.up, row.state.well))


@dataclass(frozen=True, slots=True)
class Alarm:
    """One pool. `counted_at` is when the purge last reached one that does not answer, None where that is not known."""

    pool: str
    tiers: str
    down: bool
    warnings: list[str]
    counted_at: datetime | None = None
    ago: str = ""


def alarms(rows: Iterable[PoolRow], now: datetime) -> list[Alarm]:
    """Of all that are ill, in the order of the rows. A query for each that does not answer, and none otherwise."""
    return [alarm(row, now) for row in rows if not row.state.well]


def alarm(row: PoolRow, now: datetime) -> Alarm:
    """Of one pool that is ill."""
    if row.state.up:
        return Alarm(row.name, row.tiers, False, row.state.warnings)
    at = last_counted(row.name)
    return Alarm(row.name, row.tiers, True, [], at, lasting(now - at) if at else "")


def last_counted(pool: str) -> datetime | None:
    """The end of the last purge that reached it. Reads the runs since then; a week of them is kept."""
    runs = PurgeRun.objects.values_list("finished_at", "pools").iterator(chunk_size=100)
    return next((finished_at for finished_at, pools in runs if pools.get(pool) is not None), None)
