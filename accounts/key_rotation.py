"""Rotation: a new secret for what a key may do, while the old one is taken out of use."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import ApiKey, User

DEFAULT_GRACE_SECONDS = 3_600
MAX_GRACE_SECONDS = 30 * 86_400


def rotate(key: ApiKey, grace_seconds: int, public_id: str | None = None) -> tuple[ApiKey, str]:
    """A new key with the old one's name, scope, end and parent, and its secret: the only time it is told.

    The old one ends after the grace period, or when it would have anyway. Its children are the new one's from now on
    and go on working; those that the old one mints within the grace period end with it, as any child does with
    its parent. Raises ValidationError for a key that has ended, for one that was replaced already, whose end is that
    of its grace period, and for one too many of its user.
    """
    with transaction.atomic():
        User.objects.lock_keys([key.user_id])
        now = timezone.now()
        old = (
            ApiKey.objects.live(now).select_related("user", "parent", "replaced_by").filter(pk=key.pk).first()
        )
        if old is None:
            raise ValidationError("This key has expired or was revoked; make a new one.")
        if old.replaced_by is not None:
            raise ValidationError(
                f"This key has been replaced by {old.replaced_by.public_id}; rotate that one."
            )
        named: dict[str, Any] = {} if public_id is None else {"public_id": public_id}
        new, secret = ApiKey.issue(
            old.user,
            kind=old.kind,
            parent=old.parent,
            depth=old.depth,
            name=old.name,
            read_only=old.read_only,
            prefix=old.prefix,
            expires_at=old.expires_at,
            **named,
        )
        ApiKey.objects.filter(parent=old).update(parent=new)
        end = now + timedelta(seconds=grace_seconds)
        if old.expires_at is not None:
            end = min(end, old.expires_at)
        ApiKey.objects.filter(pk=old.pk).update(expires_at=end, replaced_by=new)
    return new, secret
