"""Forgets everything that a user has, in steps."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from stash_memory.errors import StoreUnavailable
from stash_memory.limits import UNLIMITED
from stash_memory.operations import Forget, ListPage
from stash_memory.store import Store

# As many as a client may send in one request.
STEP = 100
# No step begins later than that: proxies give up on an answer after a minute, and operators before that.
PATIENCE_SECONDS = 10.0


@dataclass(slots=True)
class Forgetting:
    """How far it came. `error` is what stopped it; `done` whether nothing was left when it looked last."""

    memories: int = 0
    done: bool = False
    error: StoreUnavailable | None = None


def forget_all(store: Store, user: str, clock: Callable[[], float] = time.monotonic) -> Forgetting:
    """Forgets the user's live memories in all pools of the store, for PATIENCE_SECONDS at most."""
    so_far, end = Forgetting(), clock() + PATIENCE_SECONDS
    while not so_far.done and so_far.error is None and clock() < end:
        try:
            found = store.do(user, ListPage(limit=STEP), UNLIMITED).entries
            so_far.done = not found
            forgets = [Forget(entry.id) for entry in found]
            for result in store.many(user, forgets, UNLIMITED) if found else ():
                so_far.memories += result is None
                if isinstance(result, StoreUnavailable):
                    so_far.error = result
        except StoreUnavailable as error:
            so_far.error = error
    return so_far
