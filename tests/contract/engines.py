"""The engines that the contract is proved on. A new backend is one more class here, and a line in ENGINES."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from memories.backend import DatabaseBackend
from stash_memory.backends.base import Backend
from stash_memory.backends.memory import MemoryBackend
from stash_memory.backends.redis import RedisBackend, connect
from stash_memory.backends.sqlite import SqliteBackend
from tests.contract import databases
from tests.servers import shared

# An instant with a fraction of a millisecond: whoever rounds the wrong way is seen.
SOME_NS = 1_768_476_600_123_456_789


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at_ns: int = SOME_NS) -> None:
        self.at_ns = at_ns

    def __call__(self) -> int:
        return self.at_ns


@dataclass(frozen=True)
class Spec:
    """What a child process needs to open the store that an engine has open; it can be pickled."""

    engine: str
    address: str
    at_ns: int | None = None


class Engine:
    """A backend on an empty store of its own, and the means to test it.

    `shared`: other processes can open the store. `exact`: its clock is moved by hand, so times can be told to
    the millisecond; else it is real, `advance` sleeps, and `tolerance_ms` is what may pass unasked.
    `expires_itself`: the engine drops expired records unasked, so a purge finds fewer. `apart`: the suite runs on
    it in `make engines`, so that `make test` stays quick.
    """

    name: ClassVar[str]
    shared: ClassVar[bool] = False
    exact: ClassVar[bool] = True
    tolerance_ms: ClassVar[int] = 0
    expires_itself: ClassVar[bool] = False
    apart: ClassVar[bool] = False

    backend: Backend

    def advance(self, ms: int) -> None:
        """Lets `ms` milliseconds pass on the backend's clock."""
        raise NotImplementedError

    def now_ms(self) -> int:
        """The backend's time, milliseconds since the epoch, as nearly as `tolerance_ms`."""
        raise NotImplementedError

    def another(self) -> Backend | None:
        """A second backend on the same store, opened as another process would; None where that cannot be."""
        return None

    @property
    def spec(self) -> Spec | None:
        """What `opened` makes such a backend from, in another process."""
        return None

    def near(self, at_ms: int, wanted_ms: int) -> bool:
        """Whether a time is the wanted one: exactly, unless the clock is real."""
        return abs(at_ms - wanted_ms) <= self.tolerance_ms

    def close(self) -> None:
        """Lets go of everything."""
        self.backend.close()


class HandClocked(Engine):
    """An engine whose clock can be handed in."""

    def __init__(self) -> None:
        self.clock = HandClock()

    def advance(self, ms: int) -> None:
        self.clock.at_ns += ms * 1_000_000

    def now_ms(self) -> int:
        return self.clock.at_ns // 1_000_000


class MemoryEngine(HandClocked):
    name = "memory"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.backend: Backend = MemoryBackend(clock=self.clock)


class SqliteEngine(HandClocked):
    name = "sqlite"
    shared = True

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._path = folder / "memories.db"
        self._others: list[Backend] = []
        self.backend: Backend = self._open()

    def another(self) -> Backend:
        other = self._open()
        self._others.append(other)
        return other

    @property
    def spec(self) -> Spec:
        return Spec(self.name, str(self._path), self.clock.at_ns)

    def close(self) -> None:
        for backend in [*self._others, self.backend]:
            backend.close()

    def _open(self) -> Backend:
        return SqliteBackend(self._path, clock=self.clock)


class RedisEngine(Engine):
    """A server of the whole run's, emptied for each test. Its clock is the machine's."""

    name = "redis"
    shared = True
    exact = False
    tolerance_ms = 150
    expires_itself = True

    def __init__(self, folder: Path) -> None:
        self._url = self.emptied()
        self._others: list[Backend] = []
        self.backend: Backend = RedisBackend(connect(self._url))

    def emptied(self) -> str:
        """Empties the server, and returns its URL."""
        server = shared.redis_server()
        with server.client() as client:
            client.flushall()
        return server.url

    def advance(self, ms: int) -> None:
        time.sleep(ms / 1000)

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def another(self) -> Backend:
        other = RedisBackend(connect(self._url))
        self._others.append(other)
        return other

    @property
    def spec(self) -> Spec:
        return Spec(self.name, self._url)

    def close(self) -> None:
        for backend in [*self._others, self.backend]:
            backend.close()


class ValkeyEngine(RedisEngine):
    name = "valkey"
    apart = True

    def emptied(self) -> str:
        server = shared.valkey_server()
        with server.client() as client:
            client.flushall()
        return server.url


class SentinelEngine(RedisEngine):
    name = "sentinel"
    apart = True

    def emptied(self) -> str:
        servers = shared.sentinel_servers()
        with servers.primary.client() as client:
            client.flushall()
        return servers.url


class ClusterEngine(RedisEngine):
    name = "cluster"
    apart = True

    def emptied(self) -> str:
        cluster = shared.redis_cluster()
        cluster.flush()
        return cluster.url


class DatabaseSqliteEngine(SqliteEngine):
    name = "database-sqlite"
    apart = True

    def __init__(self, folder: Path) -> None:
        databases.new_sqlite(folder / "memories.db")
        self._aliases: list[str] = []
        super().__init__(folder)

    def close(self) -> None:
        super().close()
        for alias in self._aliases:
            databases.remove(alias)

    def _open(self) -> Backend:
        self._aliases.append(databases.sqlite(self._path))
        return DatabaseBackend(self._aliases[-1], clock=self.clock)


class DatabasePostgresEngine(Engine):
    """A database of the whole run's, emptied for each test. Its clock is the server's."""

    name = "database-postgres"
    apart = True
    shared = True
    exact = False
    tolerance_ms = 150

    def __init__(self, folder: Path) -> None:
        self._url = databases.emptied(databases.postgres_url())
        self.backend: Backend = self._open("first")

    def advance(self, ms: int) -> None:
        time.sleep(ms / 1000)

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def another(self) -> Backend:
        return self._open("second")

    @property
    def spec(self) -> Spec:
        return Spec(self.name, self._url)

    def _open(self, name: str) -> Backend:
        return DatabaseBackend(databases.kept_postgres(self._url, name))


class DatabasePostgresByHandEngine(HandClocked):
    """The same statements, where PostgreSQL's clock is moved by hand."""

    name = "database-postgres-by-hand"
    apart = True

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._url = databases.emptied(databases.postgres_url(by_hand=True))
        self.backend: Backend = DatabaseBackend(
            databases.kept_postgres(self._url, "by hand", options=databases.HAND_PATH)
        )
        self.advance(0)

    def advance(self, ms: int) -> None:
        super().advance(ms)
        databases.set_hand_clock(self._url, self.clock.at_ns // 1000)


ENGINES: list[type[Engine]] = [
    MemoryEngine,
    SqliteEngine,
    RedisEngine,
    ValkeyEngine,
    SentinelEngine,
    ClusterEngine,
    DatabaseSqliteEngine,
    DatabasePostgresEngine,
    DatabasePostgresByHandEngine,
]


def opened(spec: Spec) -> Backend:
    """The backend that the spec describes; a handed-in clock stands where it stood."""
    if spec.engine == SqliteEngine.name:
        assert spec.at_ns is not None
        return SqliteBackend(Path(spec.address), clock=HandClock(spec.at_ns))
    if spec.engine in {engine.name for engine in ENGINES if issubclass(engine, RedisEngine)}:
        return RedisBackend(connect(spec.address))
    databases.ready()
    if spec.engine == DatabaseSqliteEngine.name:
        assert spec.at_ns is not None
        return DatabaseBackend(databases.sqlite(Path(spec.address)), clock=HandClock(spec.at_ns))
    if spec.engine == DatabasePostgresEngine.name:
        return DatabaseBackend(databases.kept_postgres(spec.address, "child"))
    raise ValueError(spec.engine)
