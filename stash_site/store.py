"""The pools that hold the memories of the service."""

from collections.abc import Callable
from functools import cache, partial
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from memories.pools import Pools
from stash_memory.backends.base import Backend


def build() -> Pools:
    """Build a Redis backend for each pool, or one backend for all if no pools are set."""
    if not settings.STASH_POOLS:
        return Pools({"default": BACKENDS[settings.STASH_BACKEND]}, single="default")
    # Pools with the same URL share a backend: a move between them moves nothing.
    of_urls = {url: cache(partial(redis, name)) for name, url in settings.STASH_POOLS.items()}
    return Pools({name: of_urls[url] for name, url in settings.STASH_POOLS.items()})


# Each function imports its own driver.


def memory() -> Backend:
    """Keep memories in this process; they end with it."""
    from stash_memory.backends.memory import MemoryBackend

    return MemoryBackend(max_bytes=settings.STASH_MAX_MEMORY_BYTES)


def sqlite() -> Backend:
    """Keep memories in the file that embedded code opens too."""
    from stash_memory.backends.sqlite import SqliteBackend

    return SqliteBackend(settings.STASH_HOME / "memories.db")


def redis(pool: str = "default") -> Backend:
    """Keep memories in the pool's Redis: over django-redis's connections, or redis-py's for Sentinel and Cluster."""
    from stash_memory.backends.redis import RedisBackend, connect

    url = settings.STASH_POOLS.get(pool, settings.REDIS_URL)
    if is_single_node(url):
        from django_redis import get_redis_connection

        return RedisBackend(get_redis_connection(f"memories-{pool}"))
    return RedisBackend(connect(url))


def database() -> Backend:
    """Keep memories in a table of the site's own database."""
    from memories.backend import DatabaseBackend

    return DatabaseBackend()


def is_single_node(url: str) -> bool:
    """Return whether `url` names one Redis, and neither Sentinel nor a cluster."""
    parts = urlsplit(url)
    return parts.scheme in ("redis", "rediss", "unix") and "cluster" not in parse_qs(parts.query)


BACKENDS: dict[str, Callable[[], Backend]] = {
    "memory": memory,
    "sqlite": sqlite,
    "redis": redis,
    "database": database,
}
