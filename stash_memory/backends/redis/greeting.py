"""Connections that are whole or none."""

from functools import cache
from typing import Any

from redis.connection import AbstractConnection, Connection, ConnectionPool


class Whole(AbstractConnection):
    """One that is not left half made, or half closed, by an interrupt: KeyboardInterrupt, a worker's time limit.

    The driver's goes back to its pool so: open, but in no or the wrong database, or with answers to its greeting
    on their way, which whoever takes it next is given for his own.
    """

    def connect(self) -> None:
        """See the driver."""
        try:
            super().connect()  # type: ignore[no-untyped-call]
        except BaseException:
            self.disconnect()
            raise

    def disconnect(self, *args: Any, **kwargs: Any) -> None:
        """See the driver."""
        try:
            super().disconnect(*args, **kwargs)  # type: ignore[no-untyped-call]
        except BaseException:
            super().disconnect()  # type: ignore[no-untyped-call]
            raise


@cache
def whole(kind: type[AbstractConnection]) -> type[AbstractConnection]:
    """The same kind of connection, made whole."""
    return type(kind.__name__, (Whole, kind), {})


def make_whole(pool: ConnectionPool) -> None:
    """Has the pool make such connections from now on."""
    if not issubclass(pool.connection_class, Whole):
        pool.connection_class = whole(pool.connection_class)


def connection_of(pool: ConnectionPool) -> Connection:
    """One of the pool's connections, ready to send on. Raises the driver's errors."""
    connection = pool.get_connection()
    if isinstance(connection, AbstractConnection) and not isinstance(connection, Whole):
        # It was made before, as a cluster's first ones are, and may be made anew.
        connection.__class__ = whole(type(connection))  # type: ignore[assignment, arg-type]
    return connection
