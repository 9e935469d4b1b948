"""Token buckets of the database backend."""

from django.db import models

from storage.models.byte_order import ByteOrderedField


class Bucket(models.Model):
    """A user's bucket, in one integer (see stash_memory.bucket). A full one needs no row."""

    user = ByteOrderedField(db_column="user_id", primary_key=True)
    full_at_us = models.BigIntegerField(help_text="When it will be full: microseconds since the epoch.")
    granted = models.IntegerField(help_text="Tokens that the last asking took.")

    class Meta:
        db_table = "memories_bucket"

    def __str__(self) -> str:
        return self.user
