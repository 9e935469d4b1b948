"""Changes of several users at once: another tier, suspension, and its end."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.account_cache import forget_accounts
from accounts.models import PoolMove, Tier, User

# A move is dated two seconds ahead, and must be written by then.
MOST = 500


def change_tier(users: Iterable[User], tier: Tier) -> int:
    """Gives at most 500 users another tier; returns how many changed.

    Its limits apply within a second, its pool two seconds later. All users change or none: raises ValidationError if
    the limits of one contradict the tier's, and TooSlow.
    """
    with transaction.atomic():
        ours = User.objects.filter(pk__in=[user.pk for user in users]).exclude(tier=tier)
        found = list(ours.select_for_update(of=("self",)).select_related("tier").order_by("pk"))
        before: dict[Tier, list[int]] = {}
        for user in found:
            before.setdefault(user.tier, []).append(user.pk)
            user.tier = tier
            check(user)
        User.objects.filter(pk__in=[user.pk for user in found]).update(tier=tier)
        for old, keys in before.items():
            if old.pool != tier.pool:
                PoolMove.leave(old.pool, User.objects.filter(pk__in=keys), old.max_ttl)
    return len(found)


def check(user: User) -> None:
    """Raises ValidationError with the user's name if its limits contradict its tier's."""
    try:
        user.clean()
    except ValidationError as error:
        raise ValidationError(f"{user.email}: {' '.join(error.messages)}") from None


def suspend(users: Iterable[User]) -> int:
    """Refuses every key of the users: here at once, everywhere within a second. Memories live out their TTL."""
    return set_active(users, False)


def resume(users: Iterable[User]) -> int:
    """Accepts the users' keys again, except those that were revoked or have expired."""
    return set_active(users, True)


def set_active(users: Iterable[User], active: bool) -> int:
    """Sets `is_active`; returns how many users changed."""
    users = list(users)
    changed = User.objects.filter(pk__in=[user.pk for user in users], is_active=not active)
    count = changed.update(is_active=active)
    forget_accounts(users)
    return count
