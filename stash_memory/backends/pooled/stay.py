"""A stay: the time in which a user's new memories went to one pool."""

from typing import NamedTuple

from stash_memory.backends.base import Backend


class Stay(NamedTuple):
    """New memories go to `pool` until `until_ms`, milliseconds since the epoch on the pool's clock; None: for good."""

    pool: Backend
    until_ms: int | None = None
