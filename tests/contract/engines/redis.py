"""The redis backend: on Redis, on Valkey, behind Sentinel, and on a Cluster."""

import time
from pathlib import Path

from stash_memory.backends.base import Backend
from stash_memory.backends.redis import connect
from tests.backends import RedisBackend
from tests.contract.engines.engine import Engine, Spec
from tests.servers import shared


class RedisEngine(Engine):
    """A server of the whole run's, emptied for each test. Its clock is the machine's."""

    name = "redis"
    shared = True
    exact = False
    tolerance_ms = 150
    expires_itself = True

    def __init__(self, folder: Path) -> None:
        self._url = self.emptied()
        self._others: list[Backend] = []
        self.backend: Backend = self._open()

    def emptied(self) -> str:
        """Empties the server, and returns its URL."""
        server = shared.redis_server()
        with server.client() as client:
            client.flushall()
        return server.url

    def advance(self, ms: int) -> None:
        time.sleep(ms / 1000)

    def now_us(self) -> int:
        return time.time_ns() // 1000

    def another(self) -> Backend:
        other = self._open()
        self._others.append(other)
        return other

    @property
    def spec(self) -> Spec:
        return Spec(self.name, self._url)

    @staticmethod
    def opened(spec: Spec) -> Backend:
        return RedisBackend(connect(spec.address))

    def close(self) -> None:
        for backend in [*self._others, self.backend]:
            backend.close()

    def _open(self) -> Backend:
        return self.opened(self.spec)


class ValkeyEngine(RedisEngine):
    name = "valkey"
    apart = True

    def emptied(self) -> str:
        server = shared.valkey_server()
        with server.client() as client:
            client.flushall()
        return server.url


class SentinelEngine(RedisEngine):
    name = "sentinel"
    apart = True

    def emptied(self) -> str:
        servers = shared.sentinel_servers()
        with servers.primary.client() as client:
            client.flushall()
        return servers.url


class ClusterEngine(RedisEngine):
    name = "cluster"
    apart = True

    def emptied(self) -> str:
        cluster = shared.redis_cluster()
        cluster.flush()
        return cluster.url
