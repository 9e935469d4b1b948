"""A primary, its replica, and the Sentinel that watches them and names the one that takes writes."""

import contextlib

import redis

from tests.servers import report
from tests.servers.process import Folder, Process, Refused, free_port, wait_until
from tests.servers.redis_server import RedisServer

SERVICE = "memories"


class SentinelServers:
    """Ready when the replica has what the primary has, and Sentinel knows of both.

    It takes a primary for dead that is silent for `patience_ms`. With `persistent`, both keep an append-only file.
    """

    def __init__(self, patience_ms: int = 1_000, *, persistent: bool = False) -> None:
        self.primary = RedisServer(persistent=persistent, repl_diskless_sync_delay=0)
        self.replica = RedisServer(
            persistent=persistent,
            replicaof=f"127.0.0.1 {self.primary.port}",
            repl_diskless_sync_delay=0,
        )
        self._patience_ms = patience_ms
        self._folder = Folder("sentinel")
        for _ in range(20):
            try:
                self._run(free_port())
            except Refused:
                continue
            break
        wait_until(self.is_in_step, seconds=20)
        wait_until(self._knows_both, self._process, 20)
        report.ran("Sentinel", "the same program, with --sentinel")

    @property
    def url(self) -> str:
        """Where Sentinel can be asked."""
        return f"redis+sentinel://127.0.0.1:{self.port}/{SERVICE}/0"

    def stop(self) -> None:
        """Ends all three."""
        self._process.stop()
        for server in (self.replica, self.primary):
            server.stop()

    def named(self) -> int | None:
        """The port of the primary that Sentinel names."""
        with self.asked() as sentinel, contextlib.suppress(redis.RedisError):
            return int(sentinel.sentinel_get_master_addr_by_name(SERVICE)[1])
        return None

    def _run(self, port: int) -> None:
        self.port = port
        configuration = self._folder.path / "sentinel.conf"
        configuration.write_text(
            f"port {port}\nbind 127.0.0.1\n"
            f"sentinel monitor {SERVICE} 127.0.0.1 {self.primary.port} 1\n"
            f"sentinel down-after-milliseconds {SERVICE} {self._patience_ms}\n"
            f"sentinel failover-timeout {SERVICE} 5000\n"
        )
        binary = RedisServer.binary()
        assert binary is not None
        self._process = Process([binary, str(configuration), "--sentinel"], self._folder.path)
        wait_until(self._is_up, self._process)

    def asked(self) -> "redis.Redis":
        """A client for Sentinel itself."""
        return redis.Redis(port=self.port, socket_timeout=1, protocol=2)

    def _is_up(self) -> bool:
        with self.asked() as sentinel, contextlib.suppress(redis.RedisError):
            return bool(sentinel.info()["process_id"] == self._process.pid)
        return False

    def is_in_step(self) -> bool:
        """Whether the replica has what the primary has, and gets all that it writes."""
        with self.replica.client() as client, contextlib.suppress(redis.RedisError):
            return bool(client.info("replication").get("master_link_status") == "up")
        return False

    def _knows_both(self) -> bool:
        with self.asked() as sentinel, contextlib.suppress(redis.RedisError):
            [replica] = sentinel.sentinel_slaves(SERVICE)
            return replica["port"] == self.replica.port and "disconnected" not in replica["flags"]
        return False
