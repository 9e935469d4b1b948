"""Whether every tier's pool is there, looked into before the service starts."""

from django.conf import settings
from django.core.management.base import CommandError
from django.db.models import Exists, OuterRef, Q

from accounts.local import TIER
from accounts.models import PoolMove, Tier, User
from stash_memory.exit_codes import WRONG_USE


def check_tiers() -> None:
    """Raises CommandError for the first tier whose pool is not set, and for one where users still have memories.

    The tier of local mode may lack its pool where it has no user.
    """
    if not settings.STASH_POOLS:
        return
    used = Exists(User.objects.filter(tier=OuterRef("pk")))
    for tier in Tier.objects.filter(~Q(name=TIER) | used).exclude(pool__in=settings.STASH_POOLS):
        raise CommandError(tier.without_pool, returncode=WRONG_USE)
    left = PoolMove.objects.exclude(pool__in=settings.STASH_POOLS).values_list("pool", flat=True).first()
    if left is not None:
        raise CommandError(
            f"Users who left the pool {left!r} may have memories there, and REDIS_URL_{left.upper()} is not set; "
            "deleting their moves in the admin gives those memories up.",
            returncode=WRONG_USE,
        )
