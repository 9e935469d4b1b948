"""Memories in the tables of a Django database: PostgreSQL, or SQLite for tests and small installs."""

import time
from collections.abc import Callable

from django.db import connections

from stash_memory.backends.sql.backend import SqlBackend
from storage.database.tables import ServiceDatabase

__all__ = ["DatabaseBackend"]


class DatabaseBackend(SqlBackend):
    """The SQL engine on a Django database, by its alias; `migrate` makes its tables.

    On PostgreSQL the clock is the server's, and an acknowledged write is as durable as the server makes it; on SQLite
    the machine's, or `clock` (nanoseconds since the epoch). Inside a transaction of the caller's, everything happens
    within that. Raises ValueError for a database that is neither.
    """

    def __init__(self, using: str = "default", *, clock: Callable[[], int] = time.time_ns) -> None:
        super().__init__(database_of(using, clock))


def database_of(using: str, clock: Callable[[], int]) -> ServiceDatabase:
    """The dialect of a Django database. Raises ValueError."""
    vendor = connections[using].vendor
    if vendor == "postgresql":
        # The driver is imported only if there is such a database.
        from storage.database.postgresql import PostgreSQL

        return PostgreSQL(using)
    if vendor == "sqlite":
        from storage.database.sqlite import SQLite

        return SQLite(using, clock)
    raise ValueError(f"Stash keeps memories in PostgreSQL or SQLite, and not in {vendor}.")
