"""Usage: what was asked of the service, by minute and by hour. Counts only: no memory's id, and no data."""

from django.db import models


class UsageCounts(models.Model):
    """What one subject asked in one minute or hour.

    The subject is a user (`usr_...`), a key (`key_...`), or, as an empty string, the whole service: each request
    stands in the rows of all three, so that no chart and no sum has to read more rows than it shows. A request that
    no valid key came with is the service's alone.
    """

    pk = models.CompositePrimaryKey("subject", "at")
    subject = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField(db_index=True, help_text="When the minute or the hour begins.")

    requests = models.IntegerField()
    stashes = models.IntegerField(help_text="Memories made or replaced.")
    updates = models.IntegerField()
    forgets = models.IntegerField()
    recalls_found = models.IntegerField()
    recalls_expired = models.IntegerField()
    recalls_missing = models.IntegerField()
    bytes_in = models.BigIntegerField(help_text="Bytes of JSON text that were kept.")
    bytes_out = models.BigIntegerField(help_text="Bytes of JSON text that were recalled.")
    status_429 = models.IntegerField(help_text="Over a rate or a quota.")
    status_4xx = models.IntegerField(help_text="The other 4xx, recalls of what is not there included.")
    status_5xx = models.IntegerField()

    up_to_1_ms = models.IntegerField(
        help_text="Requests answered within this time, and not within the one before."
    )
    up_to_2_ms = models.IntegerField()
    up_to_5_ms = models.IntegerField()
    up_to_10_ms = models.IntegerField()
    up_to_25_ms = models.IntegerField()
    up_to_50_ms = models.IntegerField()
    up_to_100_ms = models.IntegerField()
    up_to_250_ms = models.IntegerField()
    up_to_500_ms = models.IntegerField()
    up_to_1000_ms = models.IntegerField()
    up_to_2500_ms = models.IntegerField()
    up_to_5000_ms = models.IntegerField()
    over_5000_ms = models.IntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.subject or 'service'} {self.at:%Y-%m-%d %H:%M}"


class UsageMinute(UsageCounts):
    """Kept for two hours."""

    SECONDS = 60


class UsageHour(UsageCounts):
    """Kept for 90 days."""

    SECONDS = 3_600


class Busiest(models.Model):
    """The ten busiest users, or keys, of a window of time: a snapshot, since finding them reads every row of it."""

    window = models.CharField(max_length=8)
    kind = models.CharField(max_length=4, help_text="user, or key.")
    ranking = models.JSONField(help_text="Public ids with their numbers of requests, the busiest first.")
    taken_at = models.DateTimeField()
    took_ms = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["window", "kind"], name="one_busiest_list")]

    def __str__(self) -> str:
        return f"{self.kind}s, {self.window}"
