"""Steps that a server takes before it starts: migrate alone, and check the pool of each tier."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Exists, OuterRef, Q

from accounts.local import TIER
from accounts.models import PoolMove, Tier, User
from stash_memory.exit_codes import UNAVAILABLE, WRONG_USE

# The lock's number in PostgreSQL: arbitrary, but the same for all processes.
LOCK = 0x57A5_0001
WAIT_SECONDS = 600
LOOK_SECONDS = 0.2


def migrate() -> None:
    """Migrates the database. Raises CommandError, DatabaseError."""
    with alone():
        call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def alone() -> Iterator[None]:
    """Keeps other processes from migrating this PostgreSQL within the block; a lost connection frees the lock.

    Polls for the lock, because our connections wait at most 5 s for one.
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


def check_tiers() -> None:
    """Raises CommandError for the first tier without its pool, and for a missing pool that users have moves from.

    The tier of local mode may lack its pool if it has no user.
    """
    if not settings.STASH_POOLS:
        return
    used = Exists(User.objects.filter(tier=OuterRef("pk")))
    for tier in Tier.objects.filter(~Q(name=TIER) | used).exclude(pool__in=settings.STASH_POOLS):
        raise CommandError(tier.without_pool, returncode=WRONG_USE)
    left = PoolMove.objects.exclude(pool__in=settings.STASH_POOLS).values_list("pool", flat=True).first()
    if left is not None:
        raise CommandError(
            f"Users who left the pool {left!r} may have memories there, and REDIS_URL_{left.upper()} is not set; "
            "deleting their moves in the admin gives those memories up.",
            returncode=WRONG_USE,
        )
