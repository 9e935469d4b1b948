"""The kinds of clients that a backend is given, of a server at some port: each has its own way to its connections."""

import contextlib
from collections.abc import Callable
from typing import Any

import redis
from redis.sentinel import SentinelConnectionPool

from stash_memory.backends.redis import connect
from stash_memory.backends.redis.connect import OPTIONS, no_retry

DATABASE = 5


class Named:
    """As a Sentinel that names this port."""

    def __init__(self, port: int) -> None:
        self._port = port

    def discover_master(self, _: str) -> tuple[str, int]:
        return "127.0.0.1", self._port


def direct(port: int, **options: Any) -> "redis.Redis":
    client = connect(f"redis://127.0.0.1:{port}/{DATABASE}", **options)
    assert isinstance(client, redis.Redis)
    return client


def through_sentinel(port: int, **options: Any) -> "redis.Redis":
    made = {**OPTIONS, **no_retry(), "db": DATABASE, **options}
    pool = SentinelConnectionPool("memories", Named(port), **made)
    return redis.Redis.from_pool(pool)


def of_resp3(port: int, **options: Any) -> "redis.Redis":
    """As redis-py makes them where nothing is said: over RESP3, its pool does not look for answers left over."""
    return redis.Redis(port=port, db=DATABASE, **options)


def waiting(port: int, **options: Any) -> "redis.Redis":
    made = {**OPTIONS, **no_retry(), "port": port, "db": DATABASE, **options}
    return redis.Redis.from_pool(redis.BlockingConnectionPool(**made))


def used_before(port: int, **options: Any) -> "redis.Redis":
    """With a connection that was made before there was a backend."""
    client = direct(port, **options)
    with contextlib.suppress(redis.RedisError):
        client.ping()
    return client


CLIENTS: dict[str, Callable[..., "redis.Redis"]] = {
    "direct": direct,
    "used before": used_before,
    "sentinel": through_sentinel,
    "resp3": of_resp3,
    "blocking pool": waiting,
}
