"""The backends as the tests ask them: by methods, too."""

from stash_memory.backends import memory, pooled, redis, sqlite
from storage import database
from tests.by_method import ByMethod


class MemoryBackend(ByMethod, memory.MemoryBackend):
    """See stash_memory.backends.memory."""


class SqliteBackend(ByMethod, sqlite.SqliteBackend):
    """See stash_memory.backends.sqlite."""


class RedisBackend(ByMethod, redis.RedisBackend):
    """See stash_memory.backends.redis."""


class PooledBackend(ByMethod, pooled.PooledBackend):
    """See stash_memory.backends.pooled."""


class DatabaseBackend(ByMethod, database.DatabaseBackend):
    """See storage.database."""
