"""A database of its own for each test of usage, on either engine, and a clock that is moved by hand."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command

from tests.contract import databases
from tests.servers import shared

NOW = datetime(2026, 3, 1, 12, 30, 30, tzinfo=UTC)


class Clock:
    """Seconds since the epoch, that pass when told to."""

    def __init__(self) -> None:
        self.now = NOW.timestamp()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: Any) -> Iterator[None]:
    """Django's default database, empty: on SQLite, and on PostgreSQL."""
    with django_db_blocker.unblock():
        if request.param == "sqlite":
            alias = databases.sqlite(Path(shutil.copy(sqlite_template(), tmp_path / "site.db")))
        else:
            alias = databases.postgres(emptied(postgres_url()))
        with databases.as_default(alias):
            yield


@cache
def sqlite_template() -> Path:
    """A SQLite file with all tables made, to be copied."""
    folder = tempfile.mkdtemp(prefix="stash-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "template.db"
    with databases.as_default(databases.sqlite(path)):
        call_command("migrate", verbosity=0)
    return path


@cache
def postgres_url() -> str:
    """A database with all tables made, on the server of the whole run's."""
    url = shared.postgres_server().create_database()
    with databases.as_default(databases.postgres(url)):
        call_command("migrate", verbosity=0)
    return url


def emptied(url: str) -> str:
    """Empties what these tests write to."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(
            "TRUNCATE accounts_usageminute, accounts_usagehour, accounts_busiest, accounts_apikey, accounts_user"
            " CASCADE"
        )
    return url
