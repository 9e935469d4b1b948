"""The connections that wait for a request: whoever has time takes the one whose request came first."""

import contextlib
import os
import select
import threading
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from stash_site.server.connection import Connection


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

    def put(self, conn: "Connection", until: float, *, at_once: bool = False) -> None:
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

    def next(self) -> "Connection | None":
        """The connection whose request came first; waits for one. None when there will be no more."""
        while True:
            descriptor = self._watch.next()
            if descriptor == self._end:
                return None
            with self._lock:
                conn = self._connections.pop(descriptor, None)
            if conn is not None:
                return conn

    def remove(self, conn: "Connection", *, idle: bool = False) -> bool:
        """Whether it was waiting; now it is the caller's. `idle`: but not one whose request has come."""
        descriptor = conn.sock.fileno()
        with self._lock:
            if self._connections.get(descriptor) is not conn or (idle and conn.asks()):
                return False
            del self._connections[descriptor]
        return True

    def all(self) -> "list[Connection]":
        """Those that wait now, the longest waiting first."""
        with self._lock:
            return list(self._connections.values())

    def end(self) -> None:
        """Nobody waits for connections any more."""
        os.write(self._ends, b"\x00")
