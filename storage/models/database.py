"""Tables of the database backend, and the text field that orders them by bytes."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q


class ByteOrderedField(models.TextField):
    """Sorted and compared byte by byte: COLLATE "C" on PostgreSQL, and SQLite's own way."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """In capitals: of a primary key that is `text`, Django makes a second index, for LIKE."""
        return "TEXT"

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        """See Field.db_parameters."""
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


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


class LargeBody(models.Model):
    """One body in chunks, known by the version of the record that holds it, or will, or did."""

    version = ByteOrderedField(primary_key=True)
    loose_since_ms = models.BigIntegerField(
        null=True,
        help_text="Null: a record holds it. Else when its last chunk was written, or it was let go;"
        " -1 while it is cleared.",
    )

    class Meta:
        db_table = "memories_large_body"
        indexes = [
            models.Index(
                fields=["loose_since_ms"],
                condition=models.Q(loose_since_ms__isnull=False),
                name="large_body_loose",
            )
        ]

    def __str__(self) -> str:
        return self.version


class Chunk(models.Model):
    """256 KB of the body, or less at its end. Never changed once it is written."""

    pk = models.CompositePrimaryKey("version", "number")
    version = ByteOrderedField()
    number = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        db_table = "memories_chunk"

    def __str__(self) -> str:
        return f"{self.version} {self.number}"


class Bucket(models.Model):
    """A user's bucket, in one integer (see stash_memory.bucket). A full one needs no row."""

    user = ByteOrderedField(db_column="user_id", primary_key=True)
    full_at_us = models.BigIntegerField(help_text="When it will be full: microseconds since the epoch.")
    granted = models.IntegerField(help_text="Tokens that the last asking took.")

    class Meta:
        db_table = "memories_bucket"

    def __str__(self) -> str:
        return self.user


class Usage(models.Model):
    """A user's records and their bytes, those that expired and are not cleared included."""

    user = ByteOrderedField(db_column="user_id", primary_key=True)
    memories = models.BigIntegerField()
    bytes = models.BigIntegerField()

    class Meta:
        db_table = "memories_usage"

    def __str__(self) -> str:
        return self.user
