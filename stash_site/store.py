"""Builds the one store that the service keeps memories in."""

from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from stash_memory.backends.base import Backend
from stash_memory.store import Store


def build() -> Store:
    """The store over the backend that STASH_BACKEND names."""
    return Store(BACKENDS[settings.STASH_BACKEND]())


# Drivers are imported only where they are used.


def memory() -> Backend:
    """In this process, and gone with it."""
    from stash_memory.backends.memory import MemoryBackend

    return MemoryBackend(max_bytes=settings.STASH_MAX_MEMORY_BYTES)


def sqlite() -> Backend:
    """The file that embedded code opens too."""
    from stash_memory.backends.sqlite import SqliteBackend

    return SqliteBackend(settings.STASH_HOME / "memories.db")


def redis() -> Backend:
    """REDIS_URL, over django-redis's connections; Sentinel and Cluster over redis-py's own."""
    from stash_memory.backends.redis import RedisBackend, connect

    if is_single_node(settings.REDIS_URL):
        from django_redis import get_redis_connection

        return RedisBackend(get_redis_connection("memories"))
    return RedisBackend(connect(settings.REDIS_URL))


def database() -> Backend:
    """A table of the site's own database."""
    from memories.backend import DatabaseBackend

    return DatabaseBackend()


def is_single_node(url: str) -> bool:
    """Whether `url` is one Redis, and neither Sentinel's nor a cluster's."""
    parts = urlsplit(url)
    return parts.scheme in ("redis", "rediss", "unix") and "cluster" not in parse_qs(parts.query)


BACKENDS = {"memory": memory, "sqlite": sqlite, "redis": redis, "database": database}
