"""Memories in Redis (7.0 or later) or Valkey: one node, Sentinel or Cluster."""

from stash_memory.backends.redis.backend import RedisBackend
from stash_memory.backends.redis.connect import connect

__all__ = ["RedisBackend", "connect"]
