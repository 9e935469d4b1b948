"""Migrating where several processes start at once: one does it, and the others wait for it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import CommandError, call_command
from django.db import connection

from stash_memory.exit_codes import UNAVAILABLE

# The lock's number in PostgreSQL: any, as long as all use this one.
LOCK = 0x57A5_0001
WAIT_SECONDS = 600
LOOK_SECONDS = 0.2


def migrate() -> None:
    """Brings the database up to date. Raises CommandError, DatabaseError."""
    with alone():
        call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def alone() -> Iterator[None]:
    """Within, no other process migrates this PostgreSQL; should this one die, the lock goes with its connection.

    Asked for again and again rather than waited for: our connections wait 5 s for a lock and no longer.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
            if cursor.fetchone()[0]:
                break
            if time.monotonic() > deadline:
                raise CommandError(
                    "Another process has been migrating the database for ten minutes.", returncode=UNAVAILABLE
                )
            time.sleep(LOOK_SECONDS)
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
