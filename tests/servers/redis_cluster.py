"""A Redis Cluster of three shards, made with the servers' own commands."""

import contextlib
from typing import Any

import redis

from tests.servers import report
from tests.servers.process import wait_until
from tests.servers.redis_server import RedisServer

SLOTS = 16_384

# The cluster's own bus listens on the port above the client's by this much.
BUS = 10_000


class RedisCluster:
    """Ready when every node says cluster_state:ok. `settings` are each node's."""

    def __init__(self, shards: int = 3, **settings: Any) -> None:
        self.nodes = [
            RedisServer(
                most_port=65_535 - BUS,
                cluster_enabled="yes",
                cluster_node_timeout=2_000,
                cluster_config_file="nodes.conf",
                **settings,
            )
            for _ in range(shards)
        ]
        for number, node in enumerate(self.nodes):
            first, last = SLOTS * number // shards, SLOTS * (number + 1) // shards - 1
            with node.client() as client:
                client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
                client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
                for other in self.nodes[:number]:
                    client.execute_command("CLUSTER", "MEET", "127.0.0.1", other.port)
        wait_until(lambda: all(self.is_ready(node) for node in self.nodes), seconds=30)
        report.ran("Cluster", f"{shards} shards of the same program")

    @property
    def url(self) -> str:
        """Where the cluster can be asked about itself."""
        return f"{self.nodes[0].url}?cluster=true"

    def stop(self) -> None:
        """Ends all nodes."""
        for node in self.nodes:
            node.stop()

    def flush(self) -> None:
        """Empties all nodes."""
        for node in self.nodes:
            with node.client() as client:
                client.flushall()

    def is_ready(self, node: RedisServer) -> bool:
        """Whether the node knows of all others and serves."""
        with node.client() as client, contextlib.suppress(redis.RedisError):
            said = client.execute_command("CLUSTER", "INFO")
            known = client.execute_command("CLUSTER", "NODES")
            state = said["cluster_state"] if isinstance(said, dict) else said.decode()
            return "ok" in str(state).partition("\n")[0] and len(known) >= len(self.nodes)
        return False
