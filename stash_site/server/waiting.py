"""Connections that wait: for a request, or for their client to read the last response."""

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
    """Reports each readable descriptor once, to one of the threads that ask."""

    def add(self, descriptor: int) -> None:
        """Begin to watch a descriptor."""

    def again(self, descriptor: int, *, at_once: bool) -> None:
        """Watch it once more. `at_once` reports it now, behind those that are already readable."""

    def next(self) -> int:
        """Wait for a readable descriptor, and return the one that has been readable longest."""


class Epoll:
    """Linux. If a request was read along with the last one, its connection is reported as writable.

    So it queues in the kernel like all others.
    """

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
    """The waiting connections. Removing one transfers exclusive ownership, to a thread or to the main loop."""

    def __init__(self) -> None:
        self._end, self._ends = os.pipe()
        self._watch: Watch = Epoll(self._end) if hasattr(select, "epoll") else Kqueue(self._end)
        self._lock = threading.Lock()
        self._connections: dict[int, Connection] = {}

    def put(self, conn: Connection, until: float, *, at_once: bool = False) -> None:
        """Have `conn` wait until then (monotonic seconds). `at_once`: its next request is in memory already."""
        descriptor = conn.sock.fileno()
        conn.timeout = until
        with self._lock:
            self._connections[descriptor] = conn
        # The main loop may have closed it already, to make room.
        with contextlib.suppress(OSError):
            if conn.watched:
                self._watch.again(descriptor, at_once=at_once)
            else:
                conn.watched = True
                self._watch.add(descriptor)

    def next(self) -> Connection | None:
        """Wait for a request, and take the connection whose request arrived first; None after `end`."""
        while True:
            descriptor = self._watch.next()
            if descriptor == self._end:
                return None
            with self._lock:
                conn = self._connections.pop(descriptor, None)
            if conn is not None:
                return conn

    def remove(self, conn: Connection, *, idle: bool = False) -> bool:
        """Take `conn` if it waits; return whether the caller owns it now. `idle`: not if its request has arrived."""
        descriptor = conn.sock.fileno()
        with self._lock:
            if self._connections.get(descriptor) is not conn or (idle and conn.has_request()):
                return False
            del self._connections[descriptor]
        return True

    def all(self) -> list[Connection]:
        """Return the waiting connections, the longest waiting first."""
        with self._lock:
            return list(self._connections.values())

    def end(self) -> None:
        """Wake all threads in `next`, for good."""
        os.write(self._ends, b"\x00")


class Owing:
    """Finds waiting connections whose clients read their last response too slowly.

    The kernel buffers a response of a few megabytes, and the thread is free at once. Without this check, a client that
    reads a byte a second would hold the buffers for as long as keep-alive lasts. A check after each response cost a
    small request 1 %, so all waiting connections are checked a few times per allowed pause.
    """

    def __init__(self, limits: Limits) -> None:
        self.step = limits.idle / 5
        self._next = 0.0
        self._looked_at: dict[Connection, tuple[Exchange, float]] = {}

    def overdue(self, waiting: Iterable[Connection], now: float) -> list[Connection]:
        """Return the connections whose clients read too slowly; looks at most once a step."""
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
        """Close, and have the kernel discard the unread bytes."""
        with contextlib.suppress(OSError):
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        conn.close()
