"""Records of the database backend: what it keeps of a memory, and what it remembers of one that expired."""

from django.db import models
from django.db.models import Q

from storage.models.byte_order import ByteOrderedField


class MemoryRecord(models.Model):
    """A memory; from `expires_at_ms` on it does not exist, and its row is its own tombstone.

    Clearing empties that row (`cleared`) and leaves the expiry in it, so that a put, which overwrites the row,
    buries the tombstone in the same step, and no second table can disagree with this one.
    """

    pk = models.CompositePrimaryKey("user", "id")
    user = ByteOrderedField(db_column="user_id")
    id = ByteOrderedField()
    expires_at_ms = models.BigIntegerField(help_text="Milliseconds since the epoch, on the database's clock.")
    size = models.BigIntegerField(help_text="Bytes in the body.")
    version = models.TextField()
    chunks = models.IntegerField(help_text="0: the body is in this row.")
    cleared = models.BooleanField(help_text="It expired, and its body is gone.")
    created = models.BooleanField(help_text="Its last put found no live record in its place.")
    body = models.BinaryField(null=True)

    class Meta:
        db_table = "memories_record"
        indexes = [
            # What is due, oldest first, for the clearing.
            models.Index(fields=["expires_at_ms"], condition=Q(cleared=False), name="record_due"),
            # All that totals and caps add up.
            models.Index(
                fields=["user", "expires_at_ms", "size"], condition=Q(cleared=False), name="record_usage"
            ),
            models.Index(fields=["expires_at_ms"], condition=Q(cleared=True), name="tombstone_age"),
            models.Index(fields=["user", "expires_at_ms"], condition=Q(cleared=True), name="tombstone_rank"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.id}"
