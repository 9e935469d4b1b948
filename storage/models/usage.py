"""Usage in the database backend: what the users keep who were ever written with caps."""

from django.db import models

from storage.models.byte_order import ByteOrderedField


class Usage(models.Model):
    """A user's records and their bytes, those that expired and are not cleared included."""

    user = ByteOrderedField(db_column="user_id", primary_key=True)
    memories = models.BigIntegerField()
    bytes = models.BigIntegerField()

    class Meta:
        db_table = "memories_usage"

    def __str__(self) -> str:
        return self.user
