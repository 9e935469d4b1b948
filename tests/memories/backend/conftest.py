"""The database backend on its two databases, on clocks that are moved by hand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.engines import DatabasePostgresByHandEngine, DatabaseSqliteEngine
from tests.memories.backend.stage import Stage


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
