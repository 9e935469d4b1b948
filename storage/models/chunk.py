"""Chunks of the database backend: a large body's bytes."""

from django.db import models

from storage.models.byte_order import ByteOrderedField


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
