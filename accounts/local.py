"""The one user of local mode, and its key."""

import os
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from accounts.key_secret import LOCAL, digest_of, is_well_formed
from accounts.models import ApiKey, Tier, User
from stash_memory.limits import Limits
from stash_memory.local import USER_ID

EMAIL = "local@localhost"
TIER = "local"


def prepare(key_file: Path, limits: Limits) -> str:
    """Makes the local user with these limits, and a key, where there is no live one; returns the key's secret.

    The secret is kept in `key_file`, readable by its owner alone: it is what `stash key` prints.
    """
    with transaction.atomic():
        Tier.objects.update_or_create(
            name=TIER,
            defaults={
                "payload_bytes": limits.payload_bytes,
                "default_ttl": limits.default_ttl,
                "max_ttl": limits.max_ttl,
            },
        )
        user = User.objects.filter(public_id=USER_ID).first()
        if user is None:
            user = User.objects.create_user(EMAIL, public_id=USER_ID, tier_id=TIER)
        secret = kept_secret(key_file)
        mine = ApiKey.objects.live(timezone.now()).filter(user=user)
        if secret is None or not mine.filter(digest=digest_of(secret)).exists():
            _, secret = ApiKey.issue(user, kind=LOCAL, name="local")
            keep_secret(key_file, secret)
    return secret


def operator() -> User:
    """The local user, as a superuser of the admin: whoever may run commands here may do anything anyway.

    Raises User.DoesNotExist where `stash serve` never ran.
    """
    user = User.objects.get(public_id=USER_ID)
    if not (user.is_staff and user.is_superuser):
        user.is_staff = user.is_superuser = True
        user.save(update_fields=["is_staff", "is_superuser"])
    return user


def kept_secret(key_file: Path) -> str | None:
    """The secret in the file, if there is one."""
    try:
        secret = key_file.read_text().strip()
    except FileNotFoundError:
        return None
    return secret if is_well_formed(secret) else None


def keep_secret(key_file: Path, secret: str) -> None:
    """Writes the file whole or not at all, with mode 0600 from its first byte."""
    draft = key_file.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret + "\n")
    draft.replace(key_file)
