"""Connections for one exchange at a time, from redis-py's pool."""

import contextlib
import os
from functools import cache
from typing import Any

from redis.connection import (
    AbstractConnection,
    BlockingConnectionPool,
    Connection,
    ConnectionPool,
    UnixDomainSocketConnection,
)

from stash_memory.backends.redis.failures import DRIVER_ERRORS
from stash_memory.backends.redis.link import DirectLink, Link


class Whole(AbstractConnection):
    """Closes a connection that was interrupted while it was opened or closed: by Ctrl-C, or a worker's time limit.

    redis-py's goes back to its pool half open, with answers to its greeting under way. The next exchange would take
    them for its own.
    """

    def connect(self) -> None:
        """See redis-py."""
        try:
            super().connect()  # type: ignore[no-untyped-call]
        except BaseException:
            self.disconnect()
            raise

    def disconnect(self, *args: Any, **kwargs: Any) -> None:
        """See redis-py."""
        try:
            super().disconnect(*args, **kwargs)  # type: ignore[no-untyped-call]
        except BaseException:
            super().disconnect()  # type: ignore[no-untyped-call]
            raise


@cache
def as_whole(kind: type[AbstractConnection]) -> type[AbstractConnection]:
    """The same kind of connection, made Whole."""
    return type(kind.__name__, (Whole, kind), {})


def make_whole(pool: ConnectionPool) -> None:
    """Has the pool make Whole connections, and close those that it made before."""
    if not issubclass(pool.connection_class, Whole):
        pool.connection_class = as_whole(pool.connection_class)
        pool.disconnect(inuse_connections=False)
        # Else the pool would open the same objects again. One that another thread uses is not taken back.
        pool.reset()


class PoolConnections:
    """Takes connections from the pool, and gives them back to it."""

    def __init__(self, pool: ConnectionPool) -> None:
        make_whole(pool)
        self._pool = pool

    def take(self) -> Link:
        """A connection for the caller alone, ready to send on. Raises the driver's errors."""
        return Link(self._pool.get_connection())

    def give_back(self, link: Link) -> None:
        """Takes a connection back that has answered every command."""
        self._pool.release(link.connection)

    def drop(self, link: Link) -> None:
        """Closes a connection that broke, or that may still get answers."""
        link.connection.disconnect()
        self._pool.release(link.connection)

    def close(self) -> None:
        """Closes the connections that it keeps, now or once they come back."""


class KeptConnections(PoolConnections):
    """Keeps connections for the next exchange: the pool's own taking and giving cost a tenth of a small recall.

    The pool counts them as in use. Threads and forked children may share this: a list's `pop` and `append` are
    atomic, and a child leaves its parent's connections alone.
    """

    def __init__(self, pool: ConnectionPool) -> None:
        super().__init__(pool)
        self._kept: list[Link] = []
        self._closed = False

    def take(self) -> Link:
        """See PoolConnections."""
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
        return link_over(self._pool.get_connection())

    def give_back(self, link: Link) -> None:
        """See PoolConnections."""
        if link.connection.should_reconnect():
            self.drop(link)
        else:
            self._kept.append(link)
            if self._closed:
                self.close()

    def close(self) -> None:
        """See PoolConnections."""
        self._closed = True
        with contextlib.suppress(IndexError):
            while True:
                self.drop(self._kept.pop())

    def _is_fit(self, link: Link) -> bool:
        """Whether it is open, owes no answer, and leads where the pool leads now: Sentinel's may have moved on."""
        try:
            return bool(self._pool.owns_connection(link.connection)) and link.owes_nothing()
        except DRIVER_ERRORS:
            return False


def connections_of(pool: ConnectionPool) -> PoolConnections:
    """The pool's connections, kept between exchanges unless others may wait for them in the pool."""
    return PoolConnections(pool) if isinstance(pool, BlockingConnectionPool) else KeptConnections(pool)


def link_over(connection: Connection) -> Link:
    """The quickest link over the connection."""
    plain = type(connection) in (as_whole(Connection), as_whole(UnixDomainSocketConnection))
    # Over RESP3 a server may speak unasked, which redis-py handles.
    return DirectLink(connection) if plain and str(connection.protocol) == "2" else Link(connection)
