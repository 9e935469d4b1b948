"""The purge in local mode, where there is no scheduler: a thread in each server process."""

import logging
import threading

from django.db import DatabaseError, connection

from memories.purging import EVERY_SECONDS, purge
from stash_memory.errors import StashError

log = logging.getLogger("stash.purge")


class PurgeThread(threading.Thread):
    """Purges every minute until the process ends; the lease sees to it that one process does at a time."""

    def __init__(self, every_seconds: float = EVERY_SECONDS) -> None:
        super().__init__(name="stash-purge", daemon=True)
        self.every_seconds = every_seconds
        self.stopping = threading.Event()

    def run(self) -> None:
        """A run that fails is logged, and the next one tries again."""
        if connection.vendor == "sqlite":
            # Kept open: SQLite then needs no room for its companion files, and keys are found on a full disk.
            connection.ensure_connection()
        while not self.stopping.wait(self.every_seconds):
            try:
                purge()
            except (StashError, DatabaseError):
                log.exception("purge_failed", extra={"fields": {}})
            finally:
                if connection.vendor != "sqlite":
                    connection.close()
