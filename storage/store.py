"""The store, as each user has it: the pools are shared by every view, one of each in a process."""

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

# What is known of a user's pools is good for a second, and a move is dated two seconds ahead.
GOOD_SECONDS = 1.0
# A put that took less than that, from the reading on, cannot have missed a move: half a second is for the clocks.
IN_TIME_SECONDS = 1.5


@cache
def pools() -> Pools:
    """The pools of this process, as the settings have them."""
    return build()


@cache
def single_store() -> Store | None:
    """The one store of all users, where no pools are set."""
    single = pools().single
    return None if single is None else Store(single)


def store_for(request: Request) -> Store:
    """The store in which the user's memories are. Asked for when it is used: after a slow body, not before it."""
    return single_store() or store_of(cast(Account, request.auth).placement)


def store_of(placement: Placement) -> Store:
    """The store over the user's pools, as they were known at `placement.known_at`, or are now if that is long ago.

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
    """The stays in the pools' backends. Raises StoreUnavailable."""
    return pools().stays(placement.stays, time.time_ns() // 1_000_000)


def store() -> Store:
    """All pools together, for figures; nobody creates anything there."""
    return single_store() or Store(PooledBackend([Stay(pools()[name], 0) for name in pools()]))
