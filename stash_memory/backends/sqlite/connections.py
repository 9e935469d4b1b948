"""All of a process's connections to one file, and its turn to write."""

import sqlite3
import threading
import weakref
from collections.abc import Callable
from typing import Any

from stash_memory.backends.sqlite import forks
from stash_memory.backends.sqlite.links import Link
from stash_memory.backends.sqlite.patience import WAIT_S, Answer, patiently


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
        forks.watch(self)

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

    def look_up(self, act: Callable[[sqlite3.Cursor], Answer]) -> Answer:
        """As `read`, on a cursor that is kept, for SELECTs of one row: a new cursor is 0.4 us of a get's 7."""
        link = self.link()
        with link:
            link.check_file()
            return patiently(link.cursor, act)

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
