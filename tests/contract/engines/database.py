"""The database backend: on SQLite, on PostgreSQL, and on PostgreSQL with its clock moved by hand."""

import time
from pathlib import Path

from stash_memory.backends.base import Backend
from tests.backends import DatabaseBackend
from tests.contract import databases
from tests.contract.engines.engine import Engine, Spec
from tests.contract.engines.hand_clock import HandClock, HandClocked
from tests.contract.engines.sqlite import SqliteEngine


class DatabaseSqliteEngine(SqliteEngine):
    name = "database-sqlite"
    apart = True

    def __init__(self, folder: Path) -> None:
        databases.new_sqlite(folder / "memories.db")
        self._aliases: list[str] = []
        super().__init__(folder)

    @staticmethod
    def opened(spec: Spec) -> Backend:
        assert spec.at_ns is not None
        databases.ready()
        return DatabaseBackend(databases.sqlite(Path(spec.address)), clock=HandClock(spec.at_ns))

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

    def now_us(self) -> int:
        return time.time_ns() // 1000

    def another(self) -> Backend:
        return self._open("second")

    @property
    def spec(self) -> Spec:
        return Spec(self.name, self._url)

    @staticmethod
    def opened(spec: Spec) -> Backend:
        databases.ready()
        return DatabaseBackend(databases.kept_postgres(spec.address, "child"))

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
