"""All of the hosted service: PostgreSQL, a Redis for cache and broker, the three pools, web, worker and beat."""

import contextlib
from pathlib import Path

from tests.server_process import ServerProcess
from tests.servers.postgres_server import PostgresServer
from tests.servers.redis_server import RedisServer
from tests.servers.sentinel import SentinelServers
from tests.servers.shared import S
from tests.stack.celery_process import CeleryProcess


class Stack:
    """Started as a whole. `free` keeps nothing, `pro` snapshots, `enterprise` is an AOF with a replica and Sentinel.

    `server` are two workers of gunicorn; logs lie in the folders `web` and `celery` of `folder`.
    """

    METRICS_TOKEN = "a token of these tests alone"

    def __init__(self, folder: Path, patience_ms: int = 1_000, **settings: str) -> None:
        self._ends = contextlib.ExitStack()
        self.postgres = self._kept(PostgresServer())
        self.broker = self._kept(RedisServer())
        self.free = self._kept(RedisServer())
        self.pro = self._kept(RedisServer(save="1 1"))
        self.enterprise = self._kept(SentinelServers(patience_ms, persistent=True))
        self.server = ServerProcess(
            folder / "web",
            "--workers",
            "2",
            STASH_MODE="hosted",
            SECRET_KEY="a secret of these tests alone, and long enough to be one: 0123456789",
            ALLOWED_HOSTS="localhost,127.0.0.1",
            DATABASE_URL=self.postgres.create_database(),
            REDIS_URL=self.broker.url,
            REDIS_URL_FREE=self.free.url,
            REDIS_URL_PRO=self.pro.url,
            REDIS_URL_ENTERPRISE=self.enterprise.url,
            STASH_METRICS_TOKEN=self.METRICS_TOKEN,
            **settings,
        )
        environment = self.server.environment
        self.worker = CeleryProcess(environment, folder / "celery", "worker", "--concurrency", "1")
        self.beat = CeleryProcess(environment, folder / "celery", "beat")

    def start(self) -> "Stack":
        """Starts web, worker and beat, and waits until the web answers. The first start makes the tables."""
        self.server.start()
        self._ends.callback(self.server.stop)
        for process in (self.worker, self.beat):
            process.start()
            self._ends.callback(process.stop)
        return self

    def stop(self) -> None:
        """Ends all of it, the last first."""
        self._ends.close()

    def alive(self) -> set[str]:
        """The parts of Celery that were heard of within three seconds: `worker`, `beat`."""
        with self.postgres.connect(self.server.settings["DATABASE_URL"]) as db:
            rows = db.execute("SELECT name FROM memories_heartbeat WHERE at > now() - interval '3 s'")
            return {str(name) for (name,) in rows}

    def _kept(self, server: S) -> S:
        self._ends.callback(server.stop)
        return server
