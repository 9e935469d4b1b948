"""A thread's turn with the file: to read, for one statement, or for a transaction."""

import sqlite3
from types import TracebackType
from typing import TYPE_CHECKING, Self

from stash_memory.backends.sql.database import Row, Turn, Values
from stash_memory.backends.sqlite.failures import locked
from stash_memory.backends.sqlite.links import WAIT_S, patiently
from stash_memory.errors import StashError, StoreFull, StoreUnavailable

if TYPE_CHECKING:
    from stash_memory.backends.sqlite.file import File


class FileTurn(Turn):
    """A turn on this thread's connection."""

    def __init__(self, database: "File", db: sqlite3.Connection) -> None:
        self.database = database
        self.db = db

    def rows(self, statement: str, values: Values) -> list[Row]:
        """See Turn."""
        return self.db.execute(self.database[statement], values).fetchall()

    def count(self, statement: str, values: Values) -> int:
        """See Turn."""
        return self.db.execute(self.database[statement], values).rowcount


class Writing(FileTurn):
    """`with Writing(file) as turn`: no other thread writes meanwhile, for one statement that is its own transaction.

    Raises StoreUnavailable if the turn does not come within 5 seconds or the file is not there any more.
    """

    def __init__(self, database: "File") -> None:
        self.database = database

    def __enter__(self) -> Self:
        connections = self.database.connections
        self._lock, self.link = connections.turn, connections.link()
        if not self._lock.acquire(timeout=WAIT_S):
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
            self._lock.release()
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
            self._lock.release()

    def _begin(self) -> None:
        """One statement has nothing to begin."""

    def _end(self, error: BaseException | None) -> None:
        """The statement was its own COMMIT."""
        if isinstance(error, sqlite3.Error):
            raise self.link.failure(error, committing=True) from error


class Transaction(Writing):
    """A write transaction, all of which happens at one instant."""

    def tell_time(self, now_us: int | None = None) -> int:
        """The transaction's instant, in milliseconds."""
        return self.now_ms

    def _begin(self) -> None:
        patiently(self.db, _begin_immediate)
        self.now_us = self.link.notes.instant_us = self.database.connections.clock() // 1000
        self.now_ms = self.now_us // 1000

    def _end(self, error: BaseException | None) -> None:
        self.link.notes.instant_us = None
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


def _begin_immediate(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
