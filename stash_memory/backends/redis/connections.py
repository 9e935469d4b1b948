"""Connections for one exchange at a time, from the driver's pool."""

import contextlib
import os

from redis.connection import BlockingConnectionPool, ConnectionPool

from stash_memory.backends.redis.failures import DRIVER_ERRORS
from stash_memory.backends.redis.greeting import connection_of, make_whole
from stash_memory.backends.redis.link import Link, link_over


class Pooled:
    """The driver's pool, as it is."""

    def __init__(self, pool: ConnectionPool) -> None:
        make_whole(pool)
        self._pool = pool

    def take(self) -> Link:
        """A connection that nobody else uses, ready to send on. Raises the driver's errors."""
        return Link(connection_of(self._pool))

    def give_back(self, link: Link) -> None:
        """It has answered all that it was asked."""
        self._pool.release(link.connection)

    def drop(self, link: Link) -> None:
        """It broke, or may have answers left that nobody waits for."""
        link.connection.disconnect()
        self._pool.release(link.connection)

    def close(self) -> None:
        """Lets go of what was taken, now or once it comes back."""


class Kept(Pooled):
    """Keeps what comes back for the next exchange: the pool's own taking and giving cost a tenth of a small recall.

    To the pool, a kept connection is in use. Threads and forked children may share this: a list's `pop` and
    `append` are atomic, and a child leaves its parent's connections alone.
    """

    def __init__(self, pool: ConnectionPool) -> None:
        super().__init__(pool)
        self._kept: list[Link] = []
        self._closed = False

    def take(self) -> Link:
        """See Pooled."""
        while self._kept:
            try:
                link = self._kept.pop()
            except IndexError:
                break
            if link.connection.pid != os.getpid():
                continue
            if self._is_fit(link):
                return link
            self.drop(link)
        return link_over(connection_of(self._pool))

    def give_back(self, link: Link) -> None:
        """See Pooled."""
        if link.connection.should_reconnect():
            self.drop(link)
        else:
            self._kept.append(link)
            if self._closed:
                self.close()

    def close(self) -> None:
        """See Pooled."""
        self._closed = True
        with contextlib.suppress(IndexError):
            while True:
                self.drop(self._kept.pop())

    def _is_fit(self, link: Link) -> bool:
        """Whether it leads to where the pool leads now (Sentinel's may not), is open, and owes no answer."""
        try:
            return bool(self._pool.owns_connection(link.connection)) and link.owes_nothing()
        except DRIVER_ERRORS:
            return False


def connections_of(pool: ConnectionPool) -> Pooled:
    """Those of the pool, kept where nobody waits for them to come back to it."""
    return Pooled(pool) if isinstance(pool, BlockingConnectionPool) else Kept(pool)
