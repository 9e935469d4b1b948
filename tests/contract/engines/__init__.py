"""The engines that the contract is proved on. A new backend is one more class here, and a line in ENGINES."""

from stash_memory.backends.base import Backend
from tests.contract.engines.database import (
    DatabasePostgresByHandEngine,
    DatabasePostgresEngine,
    DatabaseSqliteEngine,
)
from tests.contract.engines.engine import Engine, Spec
from tests.contract.engines.hand_clock import HandClock
from tests.contract.engines.memory import MemoryEngine
from tests.contract.engines.pooled import PooledEngine, PooledRedisEngine
from tests.contract.engines.redis import ClusterEngine, RedisEngine, SentinelEngine, ValkeyEngine
from tests.contract.engines.sqlite import SqliteEngine

__all__ = [
    "ENGINES",
    "DatabasePostgresByHandEngine",
    "DatabasePostgresEngine",
    "DatabaseSqliteEngine",
    "Engine",
    "HandClock",
    "Spec",
    "opened",
]

ENGINES: list[type[Engine]] = [
    MemoryEngine,
    SqliteEngine,
    RedisEngine,
    ValkeyEngine,
    SentinelEngine,
    ClusterEngine,
    PooledEngine,
    PooledRedisEngine,
    DatabaseSqliteEngine,
    DatabasePostgresEngine,
    DatabasePostgresByHandEngine,
]


def opened(spec: Spec) -> Backend:
    """The backend that the spec describes; a handed-in clock stands where it stood."""
    [engine] = [engine for engine in ENGINES if engine.name == spec.engine]
    return engine.opened(spec)
