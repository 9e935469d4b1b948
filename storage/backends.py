"""Builds the pools from the settings, and opens the backend of each."""

from collections.abc import Callable
from functools import cache, partial
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from stash_memory.backends.base import Backend
from storage.pools import Pools


def build() -> Pools:
    """Returns a Redis for each pool; without pools, one backend for all users, the one that STASH_BACKEND names."""
    if not settings.STASH_POOLS:
        return Pools({"default": BACKENDS[settings.STASH_BACKEND]}, single="default")
    # Pools with the same URL share a backend, so a move between them moves nothing.
    of_urls = {url: cache(partial(redis, name)) for name, url in settings.STASH_POOLS.items()}
    return Pools({name: of_urls[url] for name, url in settings.STASH_POOLS.items()})


# Each function imports its driver, so that no other is loaded.


def memory() -> Backend:
    """Opens the backend that lives and dies with this process."""
    from stash_memory.backends.memory import MemoryBackend

    return MemoryBackend(max_bytes=settings.STASH_MAX_MEMORY_BYTES)


def sqlite() -> Backend:
    """Opens the file that embedded code opens too."""
    from stash_memory.backends.sqlite import SqliteBackend

    return SqliteBackend(settings.STASH_HOME / "memories.db")


def redis(pool: str = "default") -> Backend:
    """Opens the pool's Redis over django-redis's connections, or Sentinel and Cluster over redis-py's."""
    from stash_memory.backends.redis import RedisBackend, connect

    url = settings.STASH_POOLS.get(pool, settings.REDIS_URL)
    if is_single_node(url):
        from django_redis import get_redis_connection

        return RedisBackend(get_redis_connection(f"memories-{pool}"))
    return RedisBackend(connect(url))


def database() -> Backend:
    """Opens the tables in the site's own database."""
    from storage.database import DatabaseBackend

    return DatabaseBackend()


def is_single_node(url: str) -> bool:
    """Tells whether `url` is a single Redis, and neither Sentinel nor Cluster."""
    parts = urlsplit(url)
    return parts.scheme in ("redis", "rediss", "unix") and "cluster" not in parse_qs(parts.query)


BACKENDS: dict[str, Callable[[], Backend]] = {
    "memory": memory,
    "sqlite": sqlite,
    "redis": redis,
    "database": database,
}
