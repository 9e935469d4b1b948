"""The differences between the databases, in one place."""

from collections.abc import Callable
from typing import Any, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper

from storage.database.faults import Fault


class Dialect(Protocol):
    """What the rest of the backend needs to know of a database.

    `words` replace {words} in its statements. `locks_rows`: writers meet at single rows; else one writes at a time.
    `batch_rows`: what one transaction of a long piece of work removes at most.
    """

    words: dict[str, str]
    locks_rows: bool
    batch_rows: int

    def connect(self, connection: BaseDatabaseWrapper) -> None:
        """Sees to it that the connection works. Raises django.db.Error, and then nothing was sent."""
        ...

    def let_go(self, connection: BaseDatabaseWrapper) -> None:
        """After a method: nobody may keep the database waiting while a slow client reads."""
        ...

    def let_others(self) -> None:
        """Between two transactions of a long piece of work: as long as writers need to come in."""
        ...

    def cursor(self, connection: BaseDatabaseWrapper) -> Any:
        """A cursor of the connection, to be closed."""
        ...

    def fault(self, error: Exception) -> tuple[Fault, str]:
        """What a django.db.Error means, and the driver's code of it."""
        ...


def dialect_of(connection: BaseDatabaseWrapper, clock: Callable[[], int]) -> Dialect:
    """The connection's dialect. Only SQLite asks `clock`, nanoseconds since the epoch. Raises ValueError."""
    if connection.vendor == "postgresql":
        # The driver is imported only where there is such a database.
        from storage.database.postgresql import PostgreSQL

        return PostgreSQL()
    if connection.vendor == "sqlite":
        from storage.database.sqlite import SQLite

        return SQLite(connection, clock)
    raise ValueError(f"Stash keeps memories in PostgreSQL or SQLite, and not in {connection.vendor}.")
