"""Databases for the database backend, beside those that Django's settings name and pytest-django guards."""

import atexit
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import django
import psycopg
import psycopg.conninfo
from django.apps import apps
from django.db import connection, connections

from tests.servers import shared

TABLES = ("record", "chunk", "large_body", "bucket", "usage")

# The same statements on a clock that is moved by hand: this function is found before PostgreSQL's own.
HAND_CLOCK = """
CREATE SCHEMA hand;
CREATE TABLE hand.clock (at_us bigint);
INSERT INTO hand.clock VALUES (0);
CREATE FUNCTION hand.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    $$ SELECT 'epoch'::timestamptz + at_us * interval '1 microsecond' FROM hand.clock $$;
"""
POOL = {"min_size": 1, "max_size": 16, "timeout": 20}
HAND_PATH = "-c search_path=hand,pg_catalog,public"

_numbers = itertools.count(1)


def add(name: str, **fields: Any) -> str:
    """Gives Django one more database; returns its alias."""
    alias = f"{name}_{next(_numbers)}"
    filled = connections.configure_settings({"default": {}, alias: fields})
    connections.settings[alias] = filled[alias]
    return alias


def remove(alias: str) -> None:
    """Takes it away again."""
    connection = connections[alias]
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()
    del connections[alias]
    del connections.settings[alias]


@contextmanager
def as_default(alias: str) -> Iterator[None]:
    """The database with this alias is every thread's default meanwhile."""
    before = connections.settings["default"], connections["default"]
    connections.settings["default"] = connections.settings[alias]
    del connections["default"]
    try:
        yield
    finally:
        connection.close()
        if connection.vendor == "postgresql":
            connection.close_pool()
        connections.settings["default"], connections["default"] = before
        remove(alias)


def migrated(alias: str) -> str:
    """The same alias, with the tables of `memories` made."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[alias])
    executor.migrate(executor.loader.graph.leaf_nodes("memories"))
    return alias


def sqlite(path: Path) -> str:
    """The alias of a SQLite file."""
    options = {
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
    }
    return add("sqlite", ENGINE="django.db.backends.sqlite3", NAME=str(path), OPTIONS=options)


@cache
def sqlite_template() -> Path:
    """A SQLite file with the tables made, to be copied."""
    folder = tempfile.mkdtemp(prefix="stash-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "template.db"
    remove(migrated(sqlite(path)))
    return path


def new_sqlite(path: Path) -> Path:
    """Makes a SQLite file with empty tables."""
    shutil.copy(sqlite_template(), path)
    return path


def postgres(url: str, pool: Any = POOL, **options: Any) -> str:
    """The alias of a database on PostgreSQL; `pool` is psycopg's options, or None for no pool."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    return add(
        "postgres",
        ENGINE="django.db.backends.postgresql",
        NAME=parts["dbname"],
        USER=parts["user"],
        PASSWORD=parts["password"],
        HOST=parts["host"],
        PORT=str(parts["port"]),
        OPTIONS={"pool": pool, **options} if pool else options,
    )


@cache
def kept_postgres(url: str, name: str, **options: Any) -> str:
    """One alias for all who give the same `name`, for a pool takes its time to open."""
    alias = postgres(url, **options)
    atexit.register(remove, alias)
    return alias


def new_postgres(url: str, *, by_hand: bool = False) -> str:
    """Makes the tables in an empty database; returns its URL."""
    remove(migrated(postgres(url)))
    if by_hand:
        with psycopg.connect(url, autocommit=True) as db:
            db.execute(HAND_CLOCK)
    return url


@cache
def postgres_url(*, by_hand: bool = False) -> str:
    """A database on the server of the whole run's."""
    return new_postgres(shared.postgres_server().create_database(), by_hand=by_hand)


def emptied(url: str) -> str:
    """Empties the tables of a database on PostgreSQL."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("".join(f"DELETE FROM memories_{table};" for table in TABLES).encode())
    return url


@cache
def _hand(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(url, autocommit=True)


def set_hand_clock(url: str, at_us: int) -> None:
    """Sets the clock of a database that was made `by_hand`."""
    _hand(url).execute("UPDATE hand.clock SET at_us = %s", [at_us])


def ready() -> None:
    """Sets Django up in a process that pytest did not start."""
    if not apps.ready:
        django.setup()
