"""Heartbeats: when each part of the service was last seen at work."""

from datetime import datetime

from django.db import models
from django.utils import timezone

BEAT = "beat"
WORKER = "worker"


class Heartbeat(models.Model):
    """One part of hosted mode: Celery's beat, or its workers, whose row tells that one of them lives.

    The purge needs none, in either mode: each run is a PurgeRun.
    """

    # Parts speak up this often; one that was not heard for three times as long is in trouble.
    EVERY_SECONDS = 30

    name = models.CharField(max_length=16, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}, {self.at:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def of(cls, name: str, now: datetime | None = None) -> None:
        """The part with this name is at work now."""
        cls.objects.update_or_create(name=name, defaults={"at": now or timezone.now()})

    @classmethod
    def all_known(cls) -> dict[str, datetime]:
        """When each part was last seen; one that was never seen is left out."""
        return dict(cls.objects.values_list("name", "at"))
