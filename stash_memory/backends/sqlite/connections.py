"""All of a process's connections to one file, its turn to write, and forks.

SQLite's own state must not be copied into a child, so no connection is open while one is made: a child that inherits
it takes the parent's locks for its own, and from then on locks nothing. See
https://www.sqlite.org/howtocorrupt.html#_carrying_an_open_database_connection_across_a_fork_
"""

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable
from typing import Any

from stash_memory.backends.sqlite.links import WAIT_S, Answer, Link, patiently


class Connections:
    """A connection for each thread of this process, and one lock, `turn`, in front of SQLite's for its writers.

    With it and `patiently`, of 8 processes with 8 threads each the longest wait was 0.2 to 0.8 s, where SQLite's
    own waiting took 2.0 s.
    """

    def __init__(self, path: str, clock: Callable[[], int]) -> None:
        self.path = path
        self.clock = clock
        self.closed = False
        self._start()
        _watch(self)

    def _start(self) -> None:
        self.turn = threading.Lock()
        self._opening = threading.Lock()
        self._own = threading.local()
        self._links: dict[int, weakref.ref[Link]] = {}
        self._held: list[threading.Lock] = []

    def link(self) -> Link:
        """This thread's own."""
        try:
            link: Link = self._own.link
        except AttributeError:
            link = self._own.link = self._new()
        return link

    def read(self, act: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """`act` on this thread's connection; it is one SELECT, or ends the transaction that it begins.

        Raises StoreUnavailable.
        """
        link = self.link()
        with link as db:
            link.check_file()
            return patiently(db, act)

    def rows(self, query: str, *values: str | int) -> list[Any]:
        """All rows that the SELECT finds."""
        return self.read(lambda db: db.execute(query, values).fetchall())

    def _new(self) -> Link:
        link, links = Link(self.path, self.clock, lambda: self.closed), self._links
        key = id(link)
        with self._opening:
            links[key] = weakref.ref(link, lambda _: links.pop(key, None))
        return link

    def pause(self) -> list[Link]:
        """Closes every connection and lets none open until `resume`; returns those that stayed in use too long."""
        stuck = []
        for lock in (self.turn, self._opening):
            if lock.acquire(timeout=2 * WAIT_S):
                self._held.append(lock)
        for reference in list(self._links.values()):
            link = reference()
            if link is None:
                continue
            if link.lock.acquire(timeout=WAIT_S):
                self._held.append(link.lock)
                link.shut()
            else:
                stuck.append(link)
        return stuck

    def resume(self) -> None:
        """Ends a `pause`."""
        held, self._held = self._held, []
        for lock in held:
            lock.release()

    def close(self) -> None:
        """Closes every connection of this process for good."""
        self.closed = True
        self.pause()
        self.resume()

    def restart(self) -> None:
        """In a child: forgets the parent's threads, their locks and their connections."""
        self._start()


_watched: weakref.WeakSet[Connections] = weakref.WeakSet()
_one_at_a_time = threading.Lock()
_paused: list[tuple[Connections, list[Link]]] = []
_abandoned: list[sqlite3.Connection | None] = []


def _watch(connections: Connections) -> None:
    """From now on, closes the connections before a fork; parent and child open their own again."""
    with _one_at_a_time:
        _watched.add(connections)


def _before() -> None:
    _one_at_a_time.acquire()
    _paused.extend((connections, connections.pause()) for connections in list(_watched))


def _in_parent() -> None:
    for connections, _ in _paused:
        connections.resume()
    _paused.clear()
    _one_at_a_time.release()


def _in_child() -> None:
    global _one_at_a_time
    for connections, stuck in _paused:
        # A thread of the parent was inside this one for seconds: never used here, and never closed.
        for link in stuck:
            _abandoned.append(link.db)
            link.db = None
        connections.restart()
    _paused.clear()
    _one_at_a_time = threading.Lock()


# Windows has no fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
