"""Waiting for a file that another process has locked."""

import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

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
