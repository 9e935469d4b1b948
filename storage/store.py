"""The store of each user, over pools that the whole process shares."""

import time
from collections.abc import Sequence
from functools import cache
from typing import cast

from rest_framework.request import Request

from accounts.account import Account
from accounts.placement import Placement
from stash_memory.backends.pooled import PooledBackend, Stay
from stash_memory.store import Store
from storage.backends import build
from storage.pools import Pools

# A placement is valid for a second, and a move is dated two seconds ahead.
GOOD_SECONDS = 1.0
# A put that ends within 1.5 s of the reading cannot have missed a move: half a second is for the clocks.
IN_TIME_SECONDS = 1.5


@cache
def pools() -> Pools:
    """Returns the pools of this process, as the settings have them."""
    return build()


@cache
def single_store() -> Store | None:
    """Returns the one store of all users, or None if there are pools."""
    single = pools().single
    return None if single is None else Store(single)


def store_for(request: Request) -> Store:
    """Returns the store of the request's user. Call it right before use: a slow body can outlive a placement."""
    return single_store() or store_of(cast(Account, request.auth).placement)


def store_of(placement: Placement) -> Store:
    """Returns the store over the user's pools; reads a placement older than a second anew.

    Raises StoreUnavailable.
    """
    if time.monotonic() - placement.known_at >= GOOD_SECONDS:
        placement = placement.renewed()

    def renewed() -> Sequence[Stay] | None:
        if time.monotonic() - placement.known_at < IN_TIME_SECONDS:
            return None
        return stays_of(placement.renewed())

    return Store(PooledBackend(stays_of(placement), renewed=renewed))


def stays_of(placement: Placement) -> list[Stay]:
    """Returns the placement's stays with their backends. Raises StoreUnavailable."""
    return pools().stays(placement.stays, time.time_ns() // 1_000_000)


def store() -> Store:
    """Returns a store over all pools, for figures only: nobody writes to it."""
    return single_store() or Store(PooledBackend([Stay(pools()[name], 0) for name in pools()]))
