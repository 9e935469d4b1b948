"""Moves: from an instant on a user's new memories go to another pool, and the old ones live out their TTL."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Max, QuerySet
from django.utils import timezone

# Every worker knows of a move before it happens: what it knows of a user is asked for again when it is a second old.
AHEAD = timedelta(seconds=2)
# A move of many users takes that long to be written, at most.
EACH = timedelta(milliseconds=1)
# What may pass between dating a move and its commit.
SLOW = timedelta(milliseconds=500)
# So long a pool tells of what expired in it.
REMEMBERED = timedelta(hours=24)


class TooSlow(Exception):
    """The database took too long to write the move down, so that some might learn of it too late; nothing changed."""


class PoolMove(models.Model):
    """Until `at` the user's new memories went to `pool`, and those of them that live are there.

    The row goes when nothing lives there any more, and nothing expired there within 24 hours: `look_at` is when
    that is looked into, `empty` whether nothing lived there the last time.
    """

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="moves", editable=False)
    pool = models.SlugField(max_length=32, editable=False, help_text="The pool that the user left.")
    at = models.DateTimeField(editable=False, help_text="From then on, new memories went elsewhere.")
    look_at = models.DateTimeField(db_index=True, editable=False)
    empty = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.user} left {self.pool} at {self.at:%Y-%m-%d %H:%M:%S}"

    @classmethod
    def leave(cls, pool: str, users: QuerySet, max_ttl: int) -> datetime:
        """The users leave `pool`, where memories live for `max_ttl` seconds unless extended; returns when.

        Two seconds ahead; later where many leave, or have a move before them that has not come yet. To be called
        in the transaction that gives them their new pool, whose commit has to follow at once. Raises TooSlow.
        """
        keys = list(users.values_list("pk", flat=True))
        before = cls.objects.filter(user__in=users).aggregate(at=Max("at"))["at"]
        now = timezone.now()
        at = now + AHEAD + len(keys) * EACH
        if before is not None and at <= before:
            at = before + timedelta(milliseconds=1)
        look_at = at + timedelta(seconds=max_ttl) + REMEMBERED
        rows = [PoolMove(user_id=key, pool=pool, at=at, look_at=look_at) for key in keys]
        PoolMove.objects.bulk_create(rows, batch_size=1000)
        if timezone.now() > at - AHEAD + SLOW:
            raise TooSlow
        return at

    def looked(self, live: int) -> bool:
        """`live` memories of the user's were in the pool just now. None twice, a day apart: the move is over."""
        over = not live and self.empty
        if over:
            self.delete()
        else:
            type(self).objects.filter(pk=self.pk).update(empty=not live, look_at=timezone.now() + REMEMBERED)
        return over
