"""The database backend on its two databases, on clocks that are moved by hand."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.backends import DatabaseBackend
from tests.contract import databases
from tests.contract.engines import DatabasePostgresByHandEngine, DatabaseSqliteEngine
from tests.servers.postgres_server import PostgresServer
from tests.storage.database.cases import POOL
from tests.storage.database.stage import Stage


@pytest.fixture(autouse=True)
def databases_are_open(django_db_blocker: Any) -> Iterator[None]:
    """These tests have databases of their own, which pytest-django need not guard."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Stage]:
    """On PostgreSQL, which is the run's; emptied."""
    engine = DatabasePostgresByHandEngine(tmp_path)
    yield Stage(engine)
    engine.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Stage]:
    """On a SQLite file of its own."""
    engine = DatabaseSqliteEngine(tmp_path)
    yield Stage(engine)
    engine.close()


@pytest.fixture(params=["postgres", "sqlite"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """On either."""
    found: Stage = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def own_server() -> Iterator[PostgresServer]:
    """One that these tests have to themselves, to be stopped and killed."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def own_url(own_server: PostgresServer, django_db_blocker: Any) -> str:
    with django_db_blocker.unblock():
        return databases.new_postgres(own_server.create_database())


@pytest.fixture
def make(own_url: str) -> Iterator[Callable[..., DatabaseBackend]]:
    """Makes backends: `make(pool=None, options="-c lock_timeout=200ms")`."""
    databases.emptied(own_url)
    aliases = []

    def make(pool: Any = POOL, **options: Any) -> DatabaseBackend:
        aliases.append(databases.postgres(own_url, pool, **options))
        return DatabaseBackend(aliases[-1])

    yield make
    for alias in aliases:
        databases.remove(alias)


@pytest.fixture(params=["pool", "no pool"])
def backend(request: pytest.FixtureRequest, make: Callable[..., DatabaseBackend]) -> DatabaseBackend:
    return make(POOL if request.param == "pool" else None)
