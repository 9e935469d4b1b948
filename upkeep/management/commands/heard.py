"""`manage.py heard worker`: health check for a container of Celery, which listens on no port."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from accounts.site_command import SiteCommand
from storage.models import Heartbeat
from storage.models.upkeep import BEAT, WORKER

PATIENCE = timedelta(seconds=3 * Heartbeat.EVERY_SECONDS)


class Command(SiteCommand):
    """Exits with 1 unless the part reported in time."""

    help = "Tells whether a Celery worker, or beat, reported within the last 90 seconds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("part", choices=(WORKER, BEAT))

    def handle(self, *args: Any, part: str, **options: Any) -> None:
        try:
            heard = Heartbeat.all_known().get(part)
        except DatabaseError as error:
            raise CommandError(f"The database does not answer: {error}.") from None
        if heard is None:
            raise CommandError(f"{part} never reported.")
        silent = timezone.now() - heard
        if silent > PATIENCE:
            raise CommandError(f"{part} last reported {silent.total_seconds():.0f} seconds ago.")
        self.stdout.write(f"{part} was heard of {silent.total_seconds():.0f} seconds ago.")
