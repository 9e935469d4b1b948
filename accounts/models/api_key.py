"""API keys: issued once, kept as a digest, revoked for good."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from accounts.key_rules import (
    MAX_NAME_CHARACTERS,
    MAX_PREFIX_BYTES,
    check_name,
    check_prefix,
    end_of,
    new_key_id,
)
from accounts.key_secret import LIVE, digest_of, kind_of, new_secret, visible_part
from accounts.models.api_key_queryset import ApiKeyQuerySet
from accounts.models.user import User
from stash_memory.times import iso_of

# Of one user. With the dead ones below, it is what keys that mint keys can fill of the table.
MAX_LIVE_KEYS = 1_000
MAX_DEAD_CHILDREN = 1_000


class ApiKey(models.Model):
    """What a client shows to act for a user. Its secret is never stored: only the SHA-256 of it.

    A key that another one minted has it as its `parent`. A child is never wider than its parent, and never
    outlives it: accounts/key_tree.py sees to that when it is made, and whatever ends the parent, afterwards.
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_key_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="keys")
    parent = models.ForeignKey("self", models.CASCADE, null=True, editable=False, related_name="children")
    depth = models.PositiveSmallIntegerField(
        default=1, editable=False, help_text="1, and one more than its parent's for a child."
    )
    name = models.CharField(max_length=MAX_NAME_CHARACTERS, blank=True, validators=[check_name])
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
    expires_at = models.DateTimeField(null=True, blank=True, help_text="In UTC. Empty: it does not expire.")
    revoked_at = models.DateTimeField(null=True, editable=False)
    # The key that a rotation made in this one's place.
    replaced_by = models.ForeignKey("self", models.SET_NULL, null=True, editable=False, related_name="+")

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return self.name or self.public_id

    @property
    def kind(self) -> str:
        """`live`, or `local` for a key that is for the local server alone."""
        return kind_of(self.visible_part)

    def state(self, now: datetime) -> str:
        """`live`, `replaced`, `expired` or `revoked`; a live key of a suspended user is refused all the same.

        One that was replaced works until its grace period is over.
        """
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and self.expires_at <= now:
            return "expired"
        return "live" if self.replaced_by_id is None else "replaced"

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
        if expires_in is not None:
            fields["expires_at"] = end_of(expires_in, timezone.now())
        key = cls(user=user, **fields)
        return key, key.save_first(kind)

    def save_first(self, kind: str = LIVE) -> str:
        """Saves a new key, and returns its secret. Raises ValidationError, also where the user has too many."""
        with transaction.atomic():
            User.objects.lock_keys([self.user_id])
            secret = new_secret(kind)
            self.digest, self.visible_part = digest_of(secret), visible_part(secret)
            self.full_clean()
            self.save()
            if self.parent_id is not None:
                self.make_room()
        return secret

    def make_room(self) -> None:
        """Deletes the oldest of the user's dead children: the newest of them tell enough of what has been.

        What descends from a dead key is dead too, and goes with it.
        """
        children = type(self).objects.filter(user_id=self.user_id, parent__isnull=False)
        live = children.live(timezone.now())
        dead = children.exclude(pk__in=live.values("pk")).order_by("-pk")
        type(self).objects.filter(pk__in=dead.values("pk")[MAX_DEAD_CHILDREN:]).delete()

    def clean(self) -> None:
        """Raises ValidationError for a key that would outlive its parent, and for one too many of its user."""
        end = self.parent.expires_at if self.parent else None
        if end is not None and (self.expires_at is None or self.expires_at > end):
            raise ValidationError({"expires_at": f"The key's parent expires at {iso_of(end)}."})
        if not self._state.adding:
            return
        live = type(self).objects.filter(user_id=self.user_id).live(timezone.now())
        if live.count() >= MAX_LIVE_KEYS:
            raise ValidationError(
                f"This user has {MAX_LIVE_KEYS:,} live keys, the most there may be; revoke some.",
                code="quota_exceeded",
            )

    def revoke(self) -> None:
        """Refused from now on, with all its descendants: everywhere within a second."""
        type(self).objects.filter(pk=self.pk).revoke()

    def end_descendants(self) -> None:
        """None of them lives on beyond a changed `expires_at`, which is saved already."""
        if self.expires_at is not None:
            with transaction.atomic():
                User.objects.lock_keys([self.user_id])
                type(self).objects.filter(pk=self.pk).end_with(self.expires_at)
