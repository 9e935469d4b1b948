"""A thread's turn to write, with a transaction or for one statement."""

import sqlite3
from types import TracebackType
from typing import Self

from stash_memory.backends.sqlite.connections import Connections
from stash_memory.backends.sqlite.failures import locked
from stash_memory.backends.sqlite.links import Link
from stash_memory.backends.sqlite.patience import WAIT_S, patiently
from stash_memory.errors import StashError, StoreFull, StoreUnavailable


def _begin_immediate(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")


class Turn:
    """`with Turn(connections) as turn`: `turn.db` is this thread's connection, and no other thread writes.

    Raises StoreUnavailable when the turn does not come within 5 seconds or the file is not there any more.
    """

    db: sqlite3.Connection
    link: Link

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def __enter__(self) -> Self:
        connections = self._connections
        self._turn, self.link = connections.turn, connections.link()
        if not self._turn.acquire(timeout=WAIT_S):
            raise locked(connections.path)
        try:
            self.db = self.link.__enter__()
            try:
                self.link.check_file()
                self._begin()
            except BaseException as error:
                self.link.__exit__(type(error), error, None)
                raise
        except BaseException:
            self._turn.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            try:
                self._end(error)
            except BaseException as late:
                self.link.__exit__(type(late), late, None)
                raise
            self.link.__exit__(kind, error, trace)
        finally:
            self._turn.release()

    def _begin(self) -> None:
        """For one statement there is nothing to begin."""

    def _end(self, error: BaseException | None) -> None:
        """The statement was its own COMMIT."""
        if isinstance(error, sqlite3.Error):
            raise self.link.failure(error, committing=True) from error


class Transaction(Turn):
    """A write transaction, all of which happens at one instant: `now_us`, `now_ms`, since the epoch.

    Committed also when what it decided is raised (a memory that is not there, a version that is not the
    current one), for the token that it spent stays spent. Rolled back on any other error.
    """

    now_us: int
    now_ms: int

    def _begin(self) -> None:
        patiently(self.db, _begin_immediate)
        self.now_us = self._connections.clock() // 1000
        self.now_ms = self.link.notes.instant_ms = self.now_us // 1000

    def _end(self, error: BaseException | None) -> None:
        self.link.notes.instant_ms = None
        decided = isinstance(error, StashError) and not isinstance(error, StoreUnavailable | StoreFull)
        if error is not None and not decided:
            self._undo()
            return
        try:
            self.db.execute("COMMIT")
        except sqlite3.Error as failed:
            self._undo()
            raise self.link.failure(failed, committing=True) from failed

    def _undo(self) -> None:
        try:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
        except sqlite3.Error:
            self.link.shut()
