"""API keys: issued once, kept as a digest, revoked for good."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.key_secret import LIVE, digest_of, new_secret, visible_part
from accounts.models.user import User
from stash_memory.errors import InvalidRequest
from stash_memory.ids import ALPHABET, check_id

# A prefix leaves room for the 32 characters of the longest id that the store makes (256 bytes in all).
MAX_PREFIX_BYTES = 200


def new_key_id() -> str:
    """`key_` and 12 base62 characters: how a key is named where its secret must not be."""
    return "key_" + "".join(secrets.choice(ALPHABET) for _ in range(12))


def check_prefix(prefix: str) -> None:
    """Raises ValidationError for a prefix that no memory id can begin with."""
    try:
        check_id(prefix + "x")
    except InvalidRequest as error:
        raise ValidationError(error.detail.replace("memory_id", "The prefix")) from None
    if len(prefix.encode()) > MAX_PREFIX_BYTES:
        raise ValidationError(f"The prefix may be {MAX_PREFIX_BYTES} bytes long.")


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Keys in bulk."""

    def valid(self, now: datetime) -> "ApiKeyQuerySet":
        """Neither revoked nor expired, of a user who is not suspended."""
        unexpired = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
        return self.filter(unexpired, revoked_at__isnull=True, user__is_active=True)

    def revoke(self) -> int:
        """Revokes those that are not revoked yet; returns how many."""
        return self.filter(revoked_at__isnull=True).update(revoked_at=timezone.now())


class ApiKey(models.Model):
    """What a client shows to act for a user. Its secret is never stored: only the SHA-256 of it."""

    public_id = models.CharField(max_length=32, unique=True, default=new_key_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="keys")
    name = models.CharField(max_length=100, blank=True)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    visible_part = models.CharField(max_length=16, editable=False, help_text="How the secret begins.")
    read_only = models.BooleanField(default=False, help_text="May recall, and nothing else.")
    prefix = models.CharField(
        max_length=MAX_PREFIX_BYTES,
        blank=True,
        validators=[check_prefix],
        help_text="Reaches only memories whose ids begin so. End it with a slash.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return self.name or self.public_id

    @classmethod
    def issue(
        cls,
        user: User,
        *,
        kind: str = LIVE,
        expires_in: int | None = None,
        **fields: Any,
    ) -> tuple["ApiKey", str]:
        """A new key of the user, valid for `expires_in` seconds, and its secret: the only time it is told.

        `fields` are the model's own. Raises ValidationError.
        """
        expires_at = None if expires_in is None else timezone.now() + timedelta(seconds=expires_in)
        key = cls(user=user, expires_at=expires_at, **fields)
        secret = key.take_secret(kind)
        key.full_clean()
        key.save()
        return key, secret

    def take_secret(self, kind: str = LIVE) -> str:
        """Gives an unsaved key its secret, and returns it."""
        secret = new_secret(kind)
        self.digest, self.visible_part = digest_of(secret), visible_part(secret)
        return secret

    def revoke(self) -> None:
        """Refused from now on: everywhere within a second."""
        type(self).objects.filter(pk=self.pk).revoke()

    @classmethod
    def touch(cls, public_ids: Iterable[str], now: datetime) -> None:
        """These keys were used just now."""
        cls.objects.filter(public_id__in=list(public_ids)).update(last_used_at=now)
