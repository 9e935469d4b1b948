"""The thread that writes what its process has counted."""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, connection

from accounts.usage.buffer import Buffer, buffer
from accounts.usage.upsert import mark_used, write

log = logging.getLogger("stash.usage")

# SIGKILL loses what was counted since the last flush: with the time that a flush takes, less than 10 s.
EVERY_SECONDS = 5.0
# At the end of the process, for a database that is away for a moment.
LAST_TRIES = 3
RETRY_SECONDS = 1.0

T = TypeVar("T")


class Flusher(threading.Thread):
    """One in each process that serves requests, started after the fork. No request ever waits for it.

    What cannot be written is kept, and written when the database is back. `also` is done at each flush, the last
    one included.
    """

    def __init__(
        self,
        counted: Buffer = buffer,
        every_seconds: float = EVERY_SECONDS,
        also: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(name="stash-usage", daemon=True)
        self.counted = counted
        self.every_seconds = every_seconds
        self.also = also
        self.stopping = threading.Event()

    def run(self) -> None:
        """Flushes until it is stopped, and then what is left."""
        if connection.vendor == "sqlite":
            # Kept open: with the last connection SQLite's companion files go, and come again at each flush.
            connection.ensure_connection()
        while not self.stopping.wait(self.every_seconds):
            self.flush()
        tries = 1
        while not self.flush() and tries < LAST_TRIES:
            threading.Event().wait(RETRY_SECONDS)
            tries += 1
        connection.close()

    def stop(self) -> None:
        """Returns when the rest is written. To be called when no request is under way any more."""
        self.stopping.set()
        self.join()

    def flush(self) -> bool:
        """Writes all that is counted; False where something could not be written, and is kept."""
        if self.also is not None:
            try:
                self.also()
            except Exception:
                # A full folder, say: usage is written all the same.
                log.exception("metrics_not_written", extra={"fields": {}})
        rows, used = self.counted.take()
        # Both are tried: that one fails says nothing of the other.
        written = attempt(write, rows, self.counted.give_back_rows)
        marked = attempt(mark_used, used, self.counted.give_back_used)
        if connection.vendor != "sqlite":
            connection.close()
        return written and marked


def attempt(step: Callable[[T], None], what: T, give_back: Callable[[T], None]) -> bool:
    """Whether `step` could be done with `what`, which is else given back, and the failure logged."""
    if not what:
        return True
    try:
        step(what)
    except (DatabaseError, InterfaceError) as error:
        log.error("usage_kept_back", extra={"fields": {"message": str(error).strip()}})  # noqa: TRY400
    except Exception:
        # A fault of ours: the counts outlive it, and so does the thread.
        log.exception("usage_kept_back", extra={"fields": {}})
    else:
        return True
    give_back(what)
    return False
