"""The audit log: what operators changed."""

from typing import Any, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone


class AuditEntry(models.Model):
    """One change of one object, by one operator. Written once; neither changed nor deleted afterwards.

    It refers to nothing by a foreign key: it says who somebody was at the time, and outlives them.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    operator_id = models.CharField(max_length=32, help_text="The operator's public id.")
    operator_email = models.EmailField()
    address = models.GenericIPAddressField(null=True, help_text="Where the request came from.")
    action = models.CharField(max_length=32, help_text="created, changed, deleted, revoked...")
    kind = models.CharField(max_length=32, help_text="What kind of object it is.")
    object_id = models.CharField(
        max_length=64, help_text="Its public id, or its primary key where it has none."
    )
    label = models.CharField(max_length=254, help_text="What it was called afterwards.")
    before = models.JSONField(
        null=True,
        encoder=DjangoJSONEncoder,
        help_text="The fields that changed. Empty: there was no such object.",
    )
    after = models.JSONField(
        null=True,
        encoder=DjangoJSONEncoder,
        help_text="The same fields. Empty: there is no such object any more.",
    )

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["kind", "object_id", "-at"], name="audit_of_object")]
        default_permissions = ("view",)
        verbose_name_plural = "audit log entries"

    def __str__(self) -> str:
        return f"{self.operator_email} {self.action} {self.kind} {self.label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Writes a new entry. Raises TypeError for one that is written."""
        if not self._state.adding:
            raise TypeError("An entry of the audit log does not change.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raises TypeError."""
        raise TypeError("An entry of the audit log is not deleted.")
