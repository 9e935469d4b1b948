"""`manage.py purge`: runs the purge once, now."""

from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

from accounts.site_command import SiteCommand
from stash_memory.errors import StashError
from stash_memory.exit_codes import UNAVAILABLE
from upkeep.purge import purge


class Command(SiteCommand):
    """Reports how much it removed and how much lives."""

    help = "Removes expired memories to free their space. Expiry itself never waits for a purge."

    def handle(self, *args: Any, **options: Any) -> str:
        try:
            run = purge()
        except StashError as error:
            raise CommandError(error.detail, returncode=UNAVAILABLE) from None
        except DatabaseError as error:
            raise CommandError(f"The database cannot be written: {error}.", returncode=UNAVAILABLE) from None
        if run is None:
            return "Another process is purging now."
        return (
            f"Removed {run.memories:,} expired memories ({run.bytes:,} bytes); "
            f"{run.live_memories:,} are alive ({run.live_bytes:,} bytes)."
        )
