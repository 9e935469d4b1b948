"""`manage.py preparehosted`: what `stash serve` runs first in hosted mode."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError

from accounts.site_command import SiteCommand
from stash_memory.exit_codes import UNAVAILABLE, WRONG_USE
from upkeep.prepare import check_tiers, migrate


class Command(SiteCommand):
    """Brings the database up to date, one process at a time, and looks whether each tier's pool is set.

    A pool that is down now keeps nobody from starting: it is its users' trouble alone.
    """

    # Django's checks load every route, which is a third of the time that this takes; `make check` runs them.
    requires_system_checks = ()
    help = "Migrates, and checks that each tier's pool is set. Any number of processes may run it at once."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.HOSTED:
            raise CommandError("This is for hosted mode; STASH_MODE is local.", returncode=WRONG_USE)
        try:
            migrate()
            check_tiers()
        except DatabaseError as error:
            raise CommandError(
                f"The database of users and keys cannot be used: {error}.", returncode=UNAVAILABLE
            ) from None
