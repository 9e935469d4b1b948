"""A store in a folder of its own, with a clock that is moved by hand."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.backends import SqliteBackend
from tests.contract.engines import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "memories.db"


@pytest.fixture
def opened(path: Path, clock: HandClock) -> Iterator[Callable[[], SqliteBackend]]:
    """Opens the store again, as another program on the same machine would."""
    backends = []

    def another() -> SqliteBackend:
        backends.append(SqliteBackend(path, clock=clock))
        return backends[-1]

    yield another
    for backend in backends:
        backend.close()


@pytest.fixture
def backend(opened: Callable[[], SqliteBackend]) -> SqliteBackend:
    return opened()


@pytest.fixture
def look(path: Path) -> Callable[..., list[Any]]:
    """Looks into the file with a connection of its own: `look("SELECT ...")`."""

    def rows(query: str, *values: object) -> list[Any]:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            return db.execute(query, values).fetchall()

    return rows
