"""Django's settings for the database, the cache and the pools, from their URLs."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environ import Env

from stash_memory.config import BadSetting
from stash_site.checked_settings import private_file

# Reports a stopped PostgreSQL in about a second, and finds it again at once. psycopg's defaults wait 30 s, and then
# minutes between attempts. The pool holds more connections than a worker's threads use at once.
POSTGRESQL: dict[str, Any] = {
    "pool": {"min_size": 1, "max_size": 8, "timeout": 1, "reconnect_timeout": 0},
    "prepare_threshold": 5,
    "connect_timeout": 2,
    "tcp_user_timeout": 5_000,
    "keepalives_idle": 30,
    "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=10s",
}

# The pools of the first tiers, which a migration creates.
TIERS_POOLS = ("free", "pro", "enterprise")


def database(url: str, home: Path) -> dict[str, Any]:
    """Return the settings of the database: PostgreSQL, or a SQLite file in `home`. Raises BadSetting."""
    if not url.startswith(("postgres://", "postgresql://", "sqlite:///")):
        # The sentence does not repeat the value, which may hold a password.
        raise BadSetting("DATABASE_URL must be postgres://user:password@host:5432/name, or sqlite:///file.")
    parts: dict[str, Any] = Env.db_url_config(url)
    if parts["ENGINE"] == "django.db.backends.sqlite3":
        parts["NAME"] = private_file(home / parts["NAME"])
        parts["OPTIONS"] = {
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
        }
        # pytest's database is a file too, since threads cannot share one in memory.
        parts["TEST"] = {"NAME": home / "test_site.db"}
    else:
        parts["OPTIONS"] = POSTGRESQL
    return parts


def redis_url(url: str, name: str = "REDIS_URL") -> str:
    """Return `url` if it names a Redis. `name` is its variable. Raises BadSetting."""
    if not url.startswith(("redis://", "rediss://", "unix://", "redis+sentinel://", "rediss+sentinel://")):
        # The sentence does not repeat the value, which may hold a password.
        raise BadSetting(
            f"{name} must be redis://host:6379/0, rediss://..., unix:///path, redis://host:6379?cluster=true, "
            "or redis+sentinel://host:26379,host:26379/service."
        )
    return url


def redis_pools(urls: dict[str, str], backend: str) -> dict[str, str]:
    """Check the pools' URLs, and return them by name. Raises BadSetting."""
    for name, url in urls.items():
        redis_url(url, variable(name))
        if backend != "redis":
            raise BadSetting(f"{variable(name)} is set, and STASH_BACKEND is {backend!r}: pools are Redis's.")
    return urls


def hosted_pools(urls: dict[str, str], broker: str) -> dict[str, str]:
    """Check that no pool is set or all of the first tiers' are, and that none shares `broker`. Raises BadSetting."""
    for name in TIERS_POOLS:
        if urls and name not in urls:
            there = " and ".join(map(variable, urls))
            raise BadSetting(f"{variable(name)} is required with {there}, but not set.")
    for name, url in urls.items():
        if address(url) == address(broker):
            raise BadSetting(
                f"{variable(name)} is the same Redis as REDIS_URL, which is for the cache and the broker alone "
                "where pools are set."
            )
    return urls


def variable(pool: str) -> str:
    """Return the name of the variable with the pool's URL."""
    return f"REDIS_URL_{pool.upper()}"


def address(url: str) -> tuple[object, ...]:
    """Return the part of the URL that identifies a Redis: no credentials, no options."""
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2].lower()
    port = "" if ":" in hosts or not hosts else ":6379"
    return parts.scheme.removeprefix("redis").removeprefix("s"), hosts + port, parts.path.strip("/") or "0"


def redis_connections(url: str) -> dict[str, Any]:
    """Return django-redis's settings for a pool: the library's timeouts, and no retry."""
    from stash_memory.backends.redis.connect import OPTIONS, no_retry

    # Aliases with the same URL would share one connection pool and its options. The client's name parts them.
    named = f"{url}{'&' if '?' in url else '?'}client_name=stash-memories"
    pool = {**OPTIONS, **no_retry()}
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": named,
        "OPTIONS": {"CONNECTION_POOL_KWARGS": pool},
    }


def redis_cache(url: str) -> dict[str, Any]:
    """Return the settings of Django's cache, which counts wrong keys and log-ins.

    While its Redis is away, log-ins and wrong keys are refused without a count. A good key never asks it.
    """
    from stash_memory.backends.redis.connect import no_retry

    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": url,
        "OPTIONS": {
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            "IGNORE_EXCEPTIONS": True,
            # A count takes two round trips: one second in all.
            "CONNECTION_POOL_KWARGS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, **no_retry()},
        },
    }
