"""Users: people and programs that keep memories, and operators who log in to the admin."""

import secrets
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models, transaction

from accounts.models.pool_move import PoolMove
from accounts.models.tier import Tier
from stash_memory.ids import ALPHABET
from stash_memory.limits import Limits

DEFAULT_TIER = "free"
ONE = [MinValueValidator(1)]


def new_public_id() -> str:
    """`usr_` and 16 base62 characters: what the store and the logs know of a user."""
    return "usr_" + "".join(secrets.choice(ALPHABET) for _ in range(16))


class UserManager(BaseUserManager["User"]):
    """Users are known by their e-mail addresses, in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user who can keep memories; without a password, one who cannot log in to the admin."""
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user who may do everything in the admin (`manage.py createsuperuser`)."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Log-in finds the address however it is written."""
        return self.get(email=(username or "").lower())

    def lock_keys(self, users: Any) -> list[int]:
        """Keeps everybody else from making, ending or revoking a key of these users (or of the ids of a query)
        until the transaction ends; returns their ids.

        Not the parent's row alone: a statement sees what was there when it began, so one that revokes a family
        would wait for a key under which another is being minted, and then not see the new one. On SQLite the
        transaction itself is the lock (`transaction_mode` IMMEDIATE).
        """
        found = self.filter(pk__in=users).order_by("pk").select_for_update(no_key=True)
        return list(found.values_list("pk", flat=True))


class User(AbstractBaseUser, PermissionsMixin):
    """A tenant of the store. `is_active` off suspends the user: its keys are refused, its data lives on."""

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    email = models.EmailField(unique=True)
    tier = models.ForeignKey(Tier, models.PROTECT, default=DEFAULT_TIER)
    default_ttl = models.PositiveIntegerField(
        null=True, blank=True, validators=ONE, help_text="Seconds. Empty: the tier's."
    )
    requests_per_minute = models.PositiveIntegerField(
        null=True, blank=True, validators=ONE, help_text="Empty: the tier's."
    )
    burst = models.PositiveIntegerField(null=True, blank=True, validators=ONE, help_text="Empty: the tier's.")
    is_active = models.BooleanField(
        "active", default=True, help_text="Without it, every key of the user is refused."
    )
    is_staff = models.BooleanField("staff", default=False, help_text="May log in to the admin.")
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    objects = UserManager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        """Raises ValidationError for overrides that contradict the tier."""
        self.email = self.email.lower()
        if self.default_ttl is not None and self.default_ttl > self.tier.max_ttl:
            sentence = (
                f"Default TTL may not be over the tier's maximum, which is {self.tier.max_ttl:,} seconds."
            )
            raise ValidationError({"default_ttl": sentence})
        if not self.tier.has_pool:
            raise ValidationError({"tier": self.tier.without_pool})
        rate = self.requests_per_minute or self.tier.requests_per_minute
        burst = self.burst or self.tier.burst
        if (rate is None) != (burst is None):
            raise ValidationError(
                {"burst": "Requests a minute and burst go together: give both, or neither."}
            )

    def save(self, *, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """A tier with another pool is a move, dated two seconds ahead; its limits count at once. Raises TooSlow."""
        if self._state.adding or (update_fields is not None and not {"tier", "tier_id"} & {*update_fields}):
            super().save(update_fields=update_fields, **options)
            return
        with transaction.atomic():
            ours = User.objects.filter(pk=self.pk)
            before = ours.select_for_update(of=("self",)).select_related("tier").first()
            super().save(update_fields=update_fields, **options)
            if before is not None and before.tier.pool != self.tier.pool:
                PoolMove.leave(before.tier.pool, ours, before.tier.max_ttl)

    @property
    def limits(self) -> Limits:
        """What this user may do: the tier's limits, and the user's own in place of them."""
        tier = self.tier
        return Limits(
            payload_bytes=tier.payload_bytes,
            default_ttl=min(self.default_ttl or tier.default_ttl, tier.max_ttl),
            max_ttl=tier.max_ttl,
            requests_per_minute=self.requests_per_minute or tier.requests_per_minute,
            burst=self.burst or tier.burst,
            max_memories=tier.max_memories,
            max_bytes=tier.max_bytes,
        )
