"""Tables of the upkeep: who holds which work, which parts live, and what each purge removed."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone


class Lease(models.Model):
    """Work that one process does at a time.

    Its holder keeps it until `expires_at` on the database's clock, at most: a killed holder blocks nobody.
    """

    name = models.CharField(max_length=32, primary_key=True)
    holder = models.CharField(max_length=32)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    @contextmanager
    def held(cls, name: str, seconds: int) -> Iterator[bool]:
        """Holds the lease within `with Lease.held("purge", 120) as mine`; `mine` is False if another process has it."""
        holder = secrets.token_hex(16)
        mine = cls.take(name, holder, seconds)
        try:
            yield mine
        finally:
            if mine:
                cls.objects.filter(name=name, holder=holder).delete()

    @classmethod
    def take(cls, name: str, holder: str, seconds: int) -> bool:
        """Takes the lease if nobody holds it; returns whether it did. One statement decides."""
        cls.objects.filter(name=name, expires_at__lte=Now()).delete()
        until = Now() + timedelta(seconds=seconds)
        row = Lease(name=name, holder=holder, expires_at=until)
        Lease.objects.bulk_create([row], ignore_conflicts=True)
        return cls.objects.filter(name=name, holder=holder).exists()


BEAT = "beat"
WORKER = "worker"


class Heartbeat(models.Model):
    """When a part of hosted mode was last alive: Celery's beat, or any one of its workers.

    The purge needs no heartbeat, because each run leaves a PurgeRun.
    """

    # Parts report this often; one that is silent three times as long is in trouble.
    EVERY_SECONDS = 30

    name = models.CharField(max_length=16, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name}, {self.at:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def of(cls, name: str, now: datetime | None = None) -> None:
        """Records that the part with this name is alive now."""
        cls.objects.update_or_create(name=name, defaults={"at": now or timezone.now()})

    @classmethod
    def all_known(cls) -> dict[str, datetime]:
        """Returns when each part last reported, without those that never did."""
        return dict(cls.objects.values_list("name", "at"))


KEPT = timedelta(days=7)


class PurgeRun(models.Model):
    """One run of the purge. Its `live_*` are the store's totals at its end: the operators' snapshot.

    `pools` has the same by pool: `{"pro": {"memories": 3, "bytes": 42}, "free": null}`. The sums leave out an
    unreachable pool, which is null.
    """

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(default=timezone.now, db_index=True)
    memories = models.PositiveBigIntegerField(help_text="Expired memories that it removed.")
    bytes = models.PositiveBigIntegerField(help_text="Bytes of those.")
    live_memories = models.PositiveBigIntegerField()
    live_bytes = models.PositiveBigIntegerField()
    pools = models.JSONField(
        default=dict,
        help_text="Live memories and bytes of each pool, by name; null of one that could not be reached.",
    )

    class Meta:
        ordering = ["-finished_at"]

    def __str__(self) -> str:
        return f"{self.finished_at:%Y-%m-%d %H:%M:%S}"

    @property
    def without(self) -> str:
        """Names the pools that the sums leave out, as `without free and pro`; empty if there is none."""
        names = sorted(name for name, live in self.pools.items() if live is None)
        return f"without {' and '.join(names)}" if names else ""

    @classmethod
    def record(cls, **facts: object) -> "PurgeRun":
        """Records a run, and deletes those older than a week."""
        cls.objects.filter(finished_at__lt=timezone.now() - KEPT).delete()
        return cls.objects.create(**facts)
