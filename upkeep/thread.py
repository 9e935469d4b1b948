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
    """How many rows of usage went; None while another process is at it. Raises DatabaseError."""
    with Lease.held("usage", LEASE_SECONDS) as mine:
        return rollup.roll_up(timezone.now()) if mine else None


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
