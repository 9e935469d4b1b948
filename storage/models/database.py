"""Tables of the database backend, and the text field that orders them by bytes."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q


class ByteOrderedField(models.TextField):
    """Text that sorts and compares by its UTF-8 bytes: COLLATE "C" on PostgreSQL, the default on SQLite."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Returns the type in capitals: for a primary key of type `text` Django adds a second index, for LIKE."""
        return "TEXT"

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        """Adds the collation (see Field.db_parameters)."""
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


class MemoryRecord(models.Model):
    """A memory until `expires_at_ms`, and its own tombstone from then on.

    Clearing empties the row (`cleared`) and keeps its expiry. A put overwrites the row, and with it the tombstone, in
    one step, so no second table can disagree.
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
            # Clearing reads due rows, oldest first.
            models.Index(fields=["expires_at_ms"], condition=Q(cleared=False), name="record_due"),
            # Totals and caps sum over this index alone.
            models.Index(
                fields=["user", "expires_at_ms", "size"], condition=Q(cleared=False), name="record_usage"
            ),
            models.Index(fields=["expires_at_ms"], condition=Q(cleared=True), name="tombstone_age"),
            models.Index(fields=["user", "expires_at_ms"], condition=Q(cleared=True), name="tombstone_rank"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.id}"


class LargeBody(models.Model):
    """A body in chunks, named by the version of the record that holds it, held it, or is about to."""

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
    """Up to 256 KB of a large body; immutable."""

    pk = models.CompositePrimaryKey("version", "number")
    version = ByteOrderedField()
    number = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        db_table = "memories_chunk"

    def __str__(self) -> str:
        return f"{self.version} {self.number}"


class Bucket(models.Model):
    """A user's token bucket as one integer (see stash_memory.bucket). A full bucket has no row."""

    user = ByteOrderedField(db_column="user_id", primary_key=True)
    full_at_us = models.BigIntegerField(help_text="When it will be full: microseconds since the epoch.")
    granted = models.IntegerField(help_text="Tokens that the last asking took.")

    class Meta:
        db_table = "memories_bucket"

    def __str__(self) -> str:
        return self.user


class Usage(models.Model):
    """Records and bytes of a user who was ever written with caps, expired but uncleared ones included."""

    user = ByteOrderedField(db_column="user_id", primary_key=True)
    memories = models.BigIntegerField()
    bytes = models.BigIntegerField()

    class Meta:
        db_table = "memories_usage"

    def __str__(self) -> str:
        return self.user
