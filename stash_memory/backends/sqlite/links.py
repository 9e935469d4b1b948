"""A thread's connection to the file, and how it waits for a file that another process has locked."""

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar
from urllib.parse import quote_from_bytes

from stash_memory.backends.sqlite import files, schema
from stash_memory.backends.sqlite.failures import failure, file_failure
from stash_memory.errors import StashError, StoreUnavailable

WAIT_S = 5.0
# SQLite's own waiting sleeps longer each time, up to 0.1 s, while those that it waits for come back at once: a
# writer waited 1.6 s for a purge. With this little of it, and our own tries after it, 29 ms.
SQLITE_WAIT_S = 0.003
PAUSE_S = 0.0005
GAP_S = SQLITE_WAIT_S + 2 * PAUSE_S

Answer = TypeVar("Answer")
Way = TypeVar("Way", sqlite3.Connection, sqlite3.Cursor)


def patiently(db: Way, act: Callable[[Way], Answer]) -> Answer:
    """`act(db)`, tried again for 5 seconds while SQLite says that the file is locked. Raises sqlite3.Error.

    What is tried must be one statement, or undo itself when it fails.
    """
    deadline = None
    while True:
        try:
            return act(db)
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            deadline = deadline or time.monotonic() + WAIT_S
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_S)


def let_others() -> None:
    """Between two transactions of a long piece of work: as long as no writer waits between two tries."""
    time.sleep(GAP_S)


# A checkpoint waits for the disk. On average, a put of 300 B took 57 us with one every 1,000 pages (the default),
# 49 with 4,000, 48 with 8,000 and 44 with 16,000; the longest wait was 8, 19, 34 and 66 ms.
CHECKPOINT_PAGES = 8000
# stat() takes 2 us, of a put's 35.
CHECK_FILE_S = 0.01
PRAGMAS = (
    "PRAGMA synchronous = NORMAL",
    f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -8192",
    "PRAGMA secure_delete = FAST",
)
_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL}


class Notes:
    """What the last put saw: its instant, and the expiry of the row that it replaced, if it did.

    `instant_us` is that of the transaction it is part of, or None if the statement is one of its own.
    """

    __slots__ = ("clock", "instant_us", "now_ms", "replaced_ms")

    def __init__(self, clock: Callable[[], int]) -> None:
        self.clock = clock
        self.instant_us: int | None = None
        self.now_ms = 0
        self.replaced_ms: int | None = None

    def now_us(self) -> int:
        """stash_now_us() in SQL. Read inside a statement, when its turn has come, it is not older than the write."""
        return self.clock() // 1000 if self.instant_us is None else self.instant_us

    def now(self) -> int:
        """now_ms() in SQL, noted."""
        self.now_ms = now_ms = self.now_us() // 1000
        return now_ms

    def replacing(self, expires_at_ms: int, new_ms: int) -> int:
        """replacing() in SQL: the second argument."""
        self.replaced_ms = expires_at_ms
        return new_ms


class Link:
    """One thread's connection, opened at its first use and closed with its thread.

    `with link as db` keeps others (a fork, a close) from closing it meanwhile, and turns sqlite3's errors
    into StoreUnavailable and StoreFull. After one that may come from the file itself it is opened anew.
    """

    def __init__(self, path: str, clock: Callable[[], int], closed: Callable[[], bool]) -> None:
        self.path = path
        self.lock = threading.Lock()
        self.db: sqlite3.Connection | None = None
        self.cursor: sqlite3.Cursor
        self.file: files.Identity | None = None
        self._checked = 0.0
        self.notes = Notes(clock)
        self._closed = closed

    def __enter__(self) -> sqlite3.Connection:
        self.lock.acquire()
        if self.db is None:
            try:
                self.db = self._open()
                self.cursor = self.db.cursor()
            except BaseException:
                self.lock.release()
                raise
        return self.db

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if isinstance(error, sqlite3.Error):
                raise self.failure(error) from error
        finally:
            self.lock.release()

    def failure(self, error: sqlite3.Error, *, committing: bool = False) -> StashError:
        """What to raise for `error`. Unless it passes by itself, the next use opens the file anew."""
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _PASSING:
            self.shut()
        return failure(error, self.path, committing=committing)

    def check_file(self) -> None:
        """Raises StoreUnavailable when the file was deleted or replaced: what is written to it would be lost.

        Looks once in 10 ms; what is written before that is as lost as what was written before the file was.
        """
        now = time.monotonic()
        if now < self._checked + CHECK_FILE_S:
            return
        self._checked = now
        if files.identity(self.path) != self.file:
            self.shut()
            raise StoreUnavailable(
                f"{self.path} was deleted or replaced while it was in use: its memories are lost to this"
                " process, and the next request starts on what is there now."
            )

    def shut(self) -> None:
        """Closes the connection, if there is one; whoever calls has the lock."""
        db, self.db = self.db, None
        if db is not None:
            with contextlib.suppress(sqlite3.Error):
                db.close()

    def __del__(self) -> None:
        self.shut()

    def _open(self) -> sqlite3.Connection:
        if self._closed():
            raise StoreUnavailable(f"{self.path} was closed by this process.")
        try:
            files.make(self.path)
        except OSError as error:
            raise file_failure(error, self.path) from error
        db: sqlite3.Connection | None = None
        try:
            db = sqlite3.connect(
                f"file:{quote_from_bytes(os.fsencode(self.path))}?mode=rw",
                uri=True,
                timeout=SQLITE_WAIT_S,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=128,
            )
            patiently(db, self._prepare)
            db.create_function("stash_now_us", 0, self.notes.now_us)
            db.create_function("now_ms", 0, self.notes.now)
            db.create_function("replacing", 2, self.notes.replacing)
            self.file = files.identity(self.path)
        except BaseException as error:
            if db is not None:
                db.close()
            if isinstance(error, sqlite3.Error):
                raise failure(error, self.path) from error
            raise
        return db

    def _prepare(self, db: sqlite3.Connection) -> None:
        for pragma in PRAGMAS:
            db.execute(pragma)
        schema.prepare(db, self.path)
