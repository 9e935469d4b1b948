"""The purge and the usage's roll-up in local mode, where there is no scheduler: a thread in each server process."""

import logging
import threading

from django.db import DatabaseError, connection

from stash_memory.errors import StashError
from upkeep.purging import EVERY_SECONDS, purge
from upkeep.rollup import roll_up

log = logging.getLogger("stash.purge")


class PurgeThread(threading.Thread):
    """Both every minute until the process ends; leases see to it that one process does each at a time."""

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
                roll_up()
            except (StashError, DatabaseError):
                log.exception("purge_failed", extra={"fields": {}})
            finally:
                if connection.vendor != "sqlite":
                    connection.close()
