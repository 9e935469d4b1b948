"""The servers that all tests of one pytest process share, each started when it is first asked for."""

import atexit
from functools import cache
from typing import Protocol, TypeVar

from tests.servers.postgres_server import PostgresServer
from tests.servers.redis_cluster import RedisCluster
from tests.servers.redis_server import RedisServer
from tests.servers.sentinel import SentinelServers
from tests.servers.valkey_server import ValkeyServer


class Server(Protocol):
    """Whatever can be ended."""

    def stop(self) -> None: ...


S = TypeVar("S", bound=Server)


@cache
def postgres_server() -> PostgresServer:
    """One PostgreSQL."""
    return _stopped(PostgresServer())


@cache
def redis_server() -> RedisServer:
    """One Redis."""
    return _stopped(RedisServer())


@cache
def valkey_server() -> ValkeyServer:
    """One Valkey."""
    return _stopped(ValkeyServer())


@cache
def sentinel_servers() -> SentinelServers:
    """A primary, a replica and a Sentinel that does not lose patience on a busy machine."""
    return _stopped(SentinelServers(patience_ms=30_000))


@cache
def redis_cluster() -> RedisCluster:
    """Three shards."""
    return _stopped(RedisCluster())


def settings_of(engine: str) -> dict[str, str]:
    """The settings of a Stash that keeps its memories on `engine`: sqlite, or a fresh database of redis or postgres."""
    if engine == "redis":
        return {"STASH_BACKEND": "redis", "REDIS_URL": redis_server().url}
    if engine == "postgres":
        return {"STASH_BACKEND": "database", "DATABASE_URL": postgres_server().create_database()}
    return {"STASH_BACKEND": engine}


def _stopped(server: S) -> S:
    atexit.register(server.stop)
    return server
