"""One user's memories, in the pools where the user's tiers kept and keep them."""

from stash_memory.backends.pooled.backend import PooledBackend
from stash_memory.backends.pooled.pools import Stay

__all__ = ["PooledBackend", "Stay"]
