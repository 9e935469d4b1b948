"""Tiers: what the users of each may do."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models, transaction

from accounts.models.pool_move import PoolMove
from stash_memory.limits import MOST_PAYLOAD_BYTES

ONE = [MinValueValidator(1)]
DEFAULT_POOL = "default"


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

    pool = models.SlugField(
        max_length=32,
        default=DEFAULT_POOL,
        help_text="New memories go to the Redis of REDIS_URL_ and this name, where such pools are set.",
    )

    class Meta:
        ordering = ["payload_bytes", "name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raises ValidationError for limits that contradict each other."""
        if self.payload_bytes is not None and self.payload_bytes > MOST_PAYLOAD_BYTES:
            sentence = f"Payload may be {MOST_PAYLOAD_BYTES:,} bytes at most: the server takes no more."
            raise ValidationError({"payload_bytes": sentence})
        if self.default_ttl is not None and self.max_ttl is not None and self.default_ttl > self.max_ttl:
            sentence = f"Default TTL may not be over the maximum TTL, which is {self.max_ttl:,} seconds."
            raise ValidationError({"default_ttl": sentence})
        if (self.requests_per_minute is None) != (self.burst is None):
            raise ValidationError(
                {"burst": "Requests a minute and burst go together: give both, or neither."}
            )
        if not self.has_pool:
            raise ValidationError({"pool": self.without_pool})

    @property
    def has_pool(self) -> bool:
        """Whether the pool's Redis is known. Where no pools are set, there is one store for all names."""
        return not settings.STASH_POOLS or self.pool in settings.STASH_POOLS

    @property
    def without_pool(self) -> str:
        """The sentence for a tier whose pool is not there."""
        return (
            f"The tier {self.name} keeps memories in the pool {self.pool!r}, "
            f"and REDIS_URL_{self.pool.upper()} is not set."
        )

    def save(self, **options: Any) -> None:
        """Another pool is a move of all the tier's users, dated two seconds ahead. Raises TooSlow."""
        with transaction.atomic():
            before = Tier.objects.select_for_update().filter(pk=self.pk).first()
            super().save(**options)
            if before is not None and before.pool != self.pool:
                PoolMove.leave(before.pool, self.user_set.all(), before.max_ttl)
