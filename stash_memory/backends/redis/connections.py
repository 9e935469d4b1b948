"""Connections for one exchange at a time, from the driver's pool."""

import contextlib
import os

from redis.connection import Connection, ConnectionPool

from stash_memory.backends.redis.failures import DRIVER_ERRORS


class Pooled:
    """The driver's pool, as it is."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool

    def take(self) -> Connection:
        """A connection that nobody else uses, ready to send on. Raises the driver's errors."""
        return self._pool.get_connection()

    def give_back(self, connection: Connection) -> None:
        """It has answered all that it was asked."""
        self._pool.release(connection)

    def drop(self, connection: Connection) -> None:
        """It broke, or may have answers left that nobody waits for."""
        connection.disconnect()
        self._pool.release(connection)


class Kept(Pooled):
    """Keeps what comes back for the next exchange: the pool's own taking and giving cost a tenth of a small recall.

    To the pool, a kept connection is in use. Threads and forked children may share this: a list's `pop` and
    `append` are atomic, and a child leaves its parent's connections alone.
    """

    def __init__(self, pool: ConnectionPool) -> None:
        super().__init__(pool)
        self._kept: list[Connection] = []

    def take(self) -> Connection:
        """See Pooled."""
        while self._kept:
            try:
                connection = self._kept.pop()
            except IndexError:
                break
            if connection.pid != os.getpid():
                continue
            if self._is_fit(connection):
                return connection
            self.drop(connection)
        return super().take()

    def give_back(self, connection: Connection) -> None:
        """See Pooled."""
        if connection.should_reconnect():
            super().give_back(connection)
        else:
            self._kept.append(connection)

    def close(self) -> None:
        """Hands all that is kept to the pool."""
        with contextlib.suppress(IndexError):
            while True:
                super().give_back(self._kept.pop())

    def _is_fit(self, connection: Connection) -> bool:
        """Whether it leads to where the pool leads now (Sentinel's may not), is open, and owes no answer."""
        try:
            return bool(self._pool.owns_connection(connection)) and not connection.can_read()
        except DRIVER_ERRORS:
            return False
