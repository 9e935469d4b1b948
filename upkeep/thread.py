"""Roll-up of usage, and the thread that does the upkeep of local mode, which has no scheduler."""

import logging
import threading

from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.usage import rollup
from stash_memory.errors import StashError
from storage.models import Lease
from upkeep.purge import EVERY_SECONDS, purge

LEASE_SECONDS = 120


def roll_up() -> int | None:
    """Rolls usage up; returns how many rows it deleted, None if another process is at it. Raises DatabaseError."""
    with Lease.held("usage", LEASE_SECONDS) as mine:
        return rollup.roll_up(timezone.now()) if mine else None


log = logging.getLogger("stash.purge")


class PurgeThread(threading.Thread):
    """Purges and rolls up every minute until the process ends; leases let one process do each at a time."""

    def __init__(self, every_seconds: float = EVERY_SECONDS) -> None:
        super().__init__(name="stash-purge", daemon=True)
        self.every_seconds = every_seconds
        self.stopping = threading.Event()

    def run(self) -> None:
        """Logs a run that fails, and tries again a minute later."""
        if connection.vendor == "sqlite":
            # An open connection keeps SQLite's companion files in place, so that keys are found on a full disk.
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
