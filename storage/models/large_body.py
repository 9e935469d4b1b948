"""Large bodies of the database backend: those that lie in chunks."""

from django.db import models

from storage.models.byte_order import ByteOrderedField


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
