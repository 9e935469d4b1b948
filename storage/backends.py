"""Builds the pools that the service keeps memories in."""

from collections.abc import Callable
from functools import cache, partial
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from stash_memory.backends.base import Backend
from storage.pools import Pools


def build() -> Pools:
    """The Redis of each pool where pools are set; else one for all, of the backend that STASH_BACKEND names."""
    if not settings.STASH_POOLS:
        return Pools({"default": BACKENDS[settings.STASH_BACKEND]}, single="default")
    # Names with one URL have one backend: a move between them moves nothing.
    of_urls = {url: cache(partial(redis, name)) for name, url in settings.STASH_POOLS.items()}
    return Pools({name: of_urls[url] for name, url in settings.STASH_POOLS.items()})


# Drivers are imported only where they are used.


def memory() -> Backend:
    """In this process, and gone with it."""
    from stash_memory.backends.memory import MemoryBackend

    return MemoryBackend(max_bytes=settings.STASH_MAX_MEMORY_BYTES)


def sqlite() -> Backend:
    """The file that embedded code opens too."""
    from stash_memory.backends.sqlite import SqliteBackend

    return SqliteBackend(settings.STASH_HOME / "memories.db")


def redis(pool: str = "default") -> Backend:
    """The pool's Redis, over django-redis's connections; Sentinel and Cluster over redis-py's own."""
    from stash_memory.backends.redis import RedisBackend, connect

    url = settings.STASH_POOLS.get(pool, settings.REDIS_URL)
    if is_single_node(url):
        from django_redis import get_redis_connection

        return RedisBackend(get_redis_connection(f"memories-{pool}"))
    return RedisBackend(connect(url))


def database() -> Backend:
    """A table of the site's own database."""
    from storage.database import DatabaseBackend

    return DatabaseBackend()


def is_single_node(url: str) -> bool:
    """Whether `url` is one Redis, and neither Sentinel's nor a cluster's."""
    parts = urlsplit(url)
    return parts.scheme in ("redis", "rediss", "unix") and "cluster" not in parse_qs(parts.query)


BACKENDS: dict[str, Callable[[], Backend]] = {
    "memory": memory,
    "sqlite": sqlite,
    "redis": redis,
    "database": database,
}
