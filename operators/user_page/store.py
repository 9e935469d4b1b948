"""A user's store, as operators look into it: without a key, and without spending the user's tokens."""

import time

from accounts.models import User
from accounts.placement import Placement
from stash_memory.store import Store
from storage.store import single_store, store_of


def store_of_user(user: User) -> Store:
    """Over all pools that the user's memories may be in. Raises StoreUnavailable."""
    moves = list(user.moves.values_list("pool", "at"))
    placement = Placement.made(user.public_id, user.tier.pool, moves, time.monotonic())
    return single_store() or store_of(placement)
