"""Tiers: what the users of each may do."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

ONE = [MinValueValidator(1)]


class Tier(models.Model):
    """A set of limits that users share. Sizes in bytes, TTLs in seconds; an empty limit is no limit."""

    name = models.SlugField(max_length=32, primary_key=True)
    payload_bytes = models.PositiveBigIntegerField(
        validators=ONE, help_text="Bytes of JSON text in one memory."
    )
    default_ttl = models.PositiveIntegerField(validators=ONE, help_text="Seconds.")
    max_ttl = models.PositiveIntegerField(validators=ONE, help_text="Seconds.")
    requests_per_minute = models.PositiveIntegerField(
        null=True, blank=True, validators=ONE, help_text="Empty: no limit."
    )
    burst = models.PositiveIntegerField(
        null=True, blank=True, validators=ONE, help_text="Requests at once; goes with requests per minute."
    )
    max_memories = models.PositiveBigIntegerField(
        null=True, blank=True, validators=ONE, help_text="Live memories of one user. Empty: no limit."
    )
    max_bytes = models.PositiveBigIntegerField(
        null=True, blank=True, validators=ONE, help_text="Live bytes of one user. Empty: no limit."
    )

    class Meta:
        ordering = ["payload_bytes", "name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raises ValidationError for limits that contradict each other."""
        if self.default_ttl is not None and self.max_ttl is not None and self.default_ttl > self.max_ttl:
            raise ValidationError({"default_ttl": "The default TTL may not be over the maximum."})
        if (self.requests_per_minute is None) != (self.burst is None):
            raise ValidationError({"burst": "Give both requests per minute and burst, or neither."})
