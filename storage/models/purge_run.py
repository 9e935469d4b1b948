"""Purge runs: what each one removed, and how full the store was after it."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

KEPT = timedelta(days=7)


class PurgeRun(models.Model):
    """One run of the purge. Its `live_*` are the store's totals when it ended: the operators' snapshot.

    `pools` has the same by pool: `{"pro": {"memories": 3, "bytes": 42}, "free": null}`; a pool that could not be
    reached is counted in none of the sums.
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
        """`without free and pro`: the pools that are in none of the sums; empty where there is none."""
        names = sorted(name for name, live in self.pools.items() if live is None)
        return f"without {' and '.join(names)}" if names else ""

    @classmethod
    def record(cls, **facts: object) -> "PurgeRun":
        """Keeps a run, and lets go of those older than a week."""
        cls.objects.filter(finished_at__lt=timezone.now() - KEPT).delete()
        return cls.objects.create(**facts)
