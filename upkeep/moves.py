"""The end of moves: a pool that holds nothing of a user's any more is not looked into."""

from django.utils import timezone

from accounts.models import PoolMove
from stash_memory.errors import StashError
from storage.pools import Pools

# What one run looks at, at most: each is a round trip and a statement.
MOST = 1_000


def end_those_over(pools: Pools) -> int:
    """Looks into the pools whose time has come; returns how many moves are over. A pool that is down is left out."""
    due = (
        PoolMove.objects.filter(look_at__lte=timezone.now()).select_related("user__tier").order_by("look_at")
    )
    down: set[str] = set()
    over = 0
    for move in due[:MOST]:
        if move.pool in down:
            continue
        if move.pool == move.user.tier.pool:
            # The user came back, and the pool is looked into anyway.
            move.delete()
            over += 1
            continue
        try:
            over += move.looked(pools[move.pool].totals(move.user.public_id).memories)
        except StashError:
            down.add(move.pool)
    return over
