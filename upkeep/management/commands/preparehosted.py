"""`manage.py preparehosted`: the first step of `stash serve` in hosted mode."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError

from accounts.site_command import SiteCommand
from stash_memory.exit_codes import UNAVAILABLE, WRONG_USE
from upkeep.prepare import check_tiers, migrate


class Command(SiteCommand):
    """Migrates the database, one process at a time, and checks that each tier's pool is set.

    The server starts even if a pool is down, because only that pool's users are affected.
    """

    # Django's checks load every route and take a third of this command's time; `make check` runs them.
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
