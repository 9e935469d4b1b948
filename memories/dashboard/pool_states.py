"""The state of each pool, asked of all of them at once, and of none for longer than a moment."""

import logging
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from redis.exceptions import RedisError

from accounts.charts.units import size
from memories.dashboard import redis_state
from memories.store import pools
from stash_memory.errors import StashError
from stash_memory.operations import Recall

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
        pools()[name].do("usr_nobody", [Recall("dashboard")])
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
