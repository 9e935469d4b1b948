"""The connections that wait for a request: whoever has time takes the one whose request came first."""

import contextlib
import os
import select
import socket
import threading
from collections.abc import Iterable
from typing import Protocol

from stash_site.server.connection import RESET, Connection
from stash_site.server.deadline import Limits
from stash_site.server.exchange import Exchange


class Watch(Protocol):
    """Tells of each descriptor once, when there is something to read: to one thread of those that ask."""

    def add(self, descriptor: int) -> None:
        """Begins to watch it."""

    def again(self, descriptor: int, *, at_once: bool) -> None:
        """Watches it once more; `at_once`: it is as good as readable, but others come first."""

    def next(self) -> int:
        """The descriptor that has been readable for longest; waits for one."""


class Epoll:
    """Linux. A connection whose next request has been read along with the last one is told of as writable: so it
    stands in the kernel's line like all others."""

    def __init__(self, end: int) -> None:
        self._epoll = select.epoll()
        self._epoll.register(end, select.EPOLLIN)

    def add(self, descriptor: int) -> None:
        """See Watch."""
        self._epoll.register(descriptor, select.EPOLLIN | select.EPOLLONESHOT)

    def again(self, descriptor: int, *, at_once: bool) -> None:
        """See Watch."""
        events = select.EPOLLIN | select.EPOLLONESHOT | (select.EPOLLOUT if at_once else 0)
        self._epoll.modify(descriptor, events)

    def next(self) -> int:
        """See Watch."""
        while not (events := self._epoll.poll(-1, 1)):
            pass
        return events[0][0]


class Kqueue:
    """macOS and the BSDs."""

    def __init__(self, end: int) -> None:
        self._kqueue = select.kqueue()
        self._change(end, select.KQ_FILTER_READ, select.KQ_EV_ADD)

    def add(self, descriptor: int) -> None:
        """See Watch."""
        self.again(descriptor, at_once=False)

    def again(self, descriptor: int, *, at_once: bool) -> None:
        """See Watch."""
        what = select.KQ_FILTER_WRITE if at_once else select.KQ_FILTER_READ
        self._change(descriptor, what, select.KQ_EV_ADD | select.KQ_EV_ONESHOT)

    def next(self) -> int:
        """See Watch."""
        while not (events := self._kqueue.control(None, 1)):
            pass
        return int(events[0].ident)

    def _change(self, descriptor: int, what: int, flags: int) -> None:
        self._kqueue.control([select.kevent(descriptor, what, flags)], 0)


class Waiting:
    """Who takes a connection out has it for itself: a thread whose request has come, or the main loop to close it."""

    def __init__(self) -> None:
        self._end, self._ends = os.pipe()
        self._watch: Watch = Epoll(self._end) if hasattr(select, "epoll") else Kqueue(self._end)
        self._lock = threading.Lock()
        self._connections: dict[int, Connection] = {}

    def put(self, conn: Connection, until: float, *, at_once: bool = False) -> None:
        """`conn` waits until then (monotonic seconds); `at_once`: its next request is here already, in memory."""
        descriptor = conn.sock.fileno()
        conn.timeout = until
        with self._lock:
            self._connections[descriptor] = conn
        # The main loop may have closed it by now, to make room.
        with contextlib.suppress(OSError):
            if conn.watched:
                self._watch.again(descriptor, at_once=at_once)
            else:
                conn.watched = True
                self._watch.add(descriptor)

    def next(self) -> Connection | None:
        """The connection whose request came first; waits for one. None when there will be no more."""
        while True:
            descriptor = self._watch.next()
            if descriptor == self._end:
                return None
            with self._lock:
                conn = self._connections.pop(descriptor, None)
            if conn is not None:
                return conn

    def remove(self, conn: Connection, *, idle: bool = False) -> bool:
        """Whether it was waiting; now it is the caller's. `idle`: but not one whose request has come."""
        descriptor = conn.sock.fileno()
        with self._lock:
            if self._connections.get(descriptor) is not conn or (idle and conn.asks()):
                return False
            del self._connections[descriptor]
        return True

    def all(self) -> list[Connection]:
        """Those that wait now, the longest waiting first."""
        with self._lock:
            return list(self._connections.values())

    def end(self) -> None:
        """Nobody waits for connections any more."""
        os.write(self._ends, b"\x00")


class Owing:
    """Waiting connections whose clients have still to read an answer, held to the pace of slow readers.

    An answer of a few megabytes fits in the kernel's buffers, and its thread is free at once: without this, a
    client that reads a byte a second would hold them, and the connection, for as long as keep-alive lasts. (Asked at
    each answer, and not a few times per pause of all who wait, this cost a small request 1 %.)
    """

    def __init__(self, limits: Limits) -> None:
        self.step = limits.idle / 5
        self._next = 0.0
        self._looked_at: dict[Connection, tuple[Exchange, float]] = {}

    def overdue(self, waiting: Iterable[Connection], now: float) -> list[Connection]:
        """Of these, the connections of clients that read too slowly; looks at most once a step."""
        if now < self._next:
            return []
        self._next = now + self.step
        before, self._looked_at = self._looked_at, {}
        late = []
        for conn in waiting:
            exchange, descriptor = conn.sock.exchange, conn.sock.fileno()
            if descriptor < 0 or not exchange.unread(descriptor):
                continue
            known, since = before.get(conn, (None, 0.0))
            if exchange.lags(descriptor, now - (since if known is exchange else conn.answered)):
                late.append(conn)
            else:
                self._looked_at[conn] = (exchange, now)
        return late

    @staticmethod
    def reset(conn: Connection) -> None:
        """Closes, and lets the kernel throw away what was not read."""
        with contextlib.suppress(OSError):
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        conn.close()
