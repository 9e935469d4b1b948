"""State of a Redis: memory, evictions, persistence, replication, and warnings."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import redis
from redis.exceptions import RedisError

from operators.charts.units import lasting, number, several, size
from stash_memory.backends.redis.connect import connect

# Less than the page waits for all pools (pools.py).
PATIENCE = {"socket_connect_timeout": 0.4, "socket_timeout": 0.5}


def describe(url: str, now: datetime) -> tuple[list[tuple[str, str]], list[str]]:
    """Returns named facts and warnings; for a cluster, those of all primaries together.

    Raises RedisError, StoreUnavailable, OSError.
    """
    client = connect(url, **PATIENCE)
    try:
        nodes = list(answers(client))
        saves = saves_of(client)
    finally:
        client.close()
    return facts(nodes, saves, now), warnings(nodes)


def answers(client: "redis.Redis | redis.RedisCluster") -> Iterable[Mapping[str, Any]]:
    """Returns the INFO of each node."""
    if isinstance(client, redis.RedisCluster):
        found: Mapping[str, Mapping[str, Any]] = client.info(target_nodes=redis.RedisCluster.PRIMARIES)
        return found.values() if all(isinstance(one, Mapping) for one in found.values()) else [found]
    return [client.info()]


def saves_of(client: "redis.Redis | redis.RedisCluster") -> bool | None:
    """Tells whether it takes snapshots; None if CONFIG is closed, as on some managed services."""
    try:
        return bool(dict(client.config_get("save")).get("save"))
    except (RedisError, TypeError, ValueError):
        return None


def facts(nodes: list[Mapping[str, Any]], saves: bool | None, now: datetime) -> list[tuple[str, str]]:
    """Words memory, evictions, persistence and replication."""
    used, most = (sum(node.get(name, 0) for node in nodes) for name in ("used_memory", "maxmemory"))
    return [
        ("Memory", f"{size(used)} of {size(most)}" if most else f"{size(used)}, no maximum"),
        ("Evicted", number(sum(node.get("evicted_keys", 0) for node in nodes))),
        ("Persistence", persistence(nodes, saves, now)),
        ("Replication", replication(nodes)),
    ]


def persistence(nodes: list[Mapping[str, Any]], saves: bool | None, now: datetime) -> str:
    """Words the persistence: `AOF`, `RDB, saved 3 min ago`, both, or `none`."""
    kinds = ["AOF"] if all(node.get("aof_enabled") for node in nodes) else []
    if saves:
        last = min(node.get("rdb_last_save_time", 0) for node in nodes)
        kinds.append(f"RDB, saved {lasting(now - datetime.fromtimestamp(last, UTC))} ago")
    return " and ".join(kinds) or ("none" if saves is not None else "not told")


def replication(nodes: list[Mapping[str, Any]]) -> str:
    """Words the replication: `2 replicas`, `none`, or that it is a replica itself."""
    if any(node.get("role") == "slave" for node in nodes):
        return "it is a replica"
    replicas = sum(node.get("connected_slaves", 0) for node in nodes)
    return several(replicas, "replica") if replicas else "none"


def warnings(nodes: list[Mapping[str, Any]]) -> list[str]:
    """Returns what an operator has to fix."""
    found = []
    policies = {node.get("maxmemory_policy", "noeviction") for node in nodes} - {"noeviction"}
    if policies:
        found.append(f"maxmemory-policy is {', '.join(sorted(policies))}; it must be noeviction.")
    if any(node.get("rdb_last_bgsave_status", "ok") != "ok" for node in nodes):
        found.append("The last snapshot failed.")
    if any(node.get("aof_enabled") and node.get("aof_last_write_status", "ok") != "ok" for node in nodes):
        found.append("The last write of the AOF failed.")
    if any(node.get("maxmemory") and node["used_memory"] > 0.9 * node["maxmemory"] for node in nodes):
        found.append("Its memory is over 90 % full.")
    return found
