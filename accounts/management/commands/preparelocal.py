"""`manage.py preparelocal`: what `stash serve` runs first in local mode."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.local import prepare
from stash_memory.limits import Limits


class Command(BaseCommand):
    """Brings the database up to date and makes the local user and its key, where there are none."""

    help = "Migrates, and makes the local user and its key where there are none."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.HOSTED:
            raise CommandError("This is for local mode; STASH_MODE is hosted.")
        call_command("migrate", verbosity=0, interactive=False)
        limits = Limits(
            payload_bytes=settings.STASH_MAX_PAYLOAD_BYTES,
            default_ttl=settings.STASH_DEFAULT_TTL,
            max_ttl=settings.STASH_MAX_TTL,
        )
        prepare(settings.STASH_HOME / "local_key", limits)
