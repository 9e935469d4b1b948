"""The state of pools: what a Redis says of itself, and one that is down makes nobody wait."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from operators.dashboard import pools as pool_states
from storage.pools import Pools
from tests.backends import MemoryBackend, SqliteBackend
from tests.servers.process import free_port
from tests.servers.redis_server import RedisServer


@pytest.fixture
def servers(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, RedisServer]]:
    """Three pools that run, and `gone`, where nobody listens."""
    running = {
        "plain": RedisServer(),
        "saved": RedisServer(save="60 1", maxmemory="64mb"),
        "kept": RedisServer(persistent=True),
    }
    gone = f"redis://127.0.0.1:{free_port(65_535)}"
    settings.STASH_BACKEND = "redis"
    settings.STASH_POOLS = {"gone": gone, **{name: one.url for name, one in running.items()}}
    # Only their names are asked for.
    pools = Pools(dict.fromkeys(settings.STASH_POOLS, MemoryBackend))
    monkeypatch.setattr(pool_states, "pools", lambda: pools)
    yield running
    for one in running.values():
        one.stop()


def test_pools_say_how_they_do_and_those_that_are_down_cost_under_a_second(
    servers: dict[str, RedisServer],
) -> None:
    with servers["plain"].client() as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
    states = pool_states.states(timezone.now())

    assert {name: state.up for name, state in states.items()} == {
        "gone": False,
        "plain": True,
        "saved": True,
        "kept": True,
    }
    facts = {name: dict(state.facts) for name, state in states.items()}
    assert facts["plain"]["Persistence"] == "none"
    assert facts["plain"]["Memory"].endswith("MB, no maximum") or "KB" in facts["plain"]["Memory"]
    assert facts["saved"]["Memory"].endswith("of 64 MB")
    assert facts["saved"]["Persistence"].startswith("RDB, saved ")
    assert facts["kept"]["Persistence"] == "AOF"
    assert facts["kept"]["Replication"] == "none"
    assert facts["kept"]["Evicted"] == "0"
    assert states["plain"].warnings == ["maxmemory-policy is allkeys-lru; it must be noeviction."]
    assert states["kept"].warnings == []

    servers["kept"].pause()
    began = time.monotonic()
    states = pool_states.states(timezone.now())
    took = time.monotonic() - began
    servers["kept"].resume()

    assert not states["kept"].up
    assert states["saved"].up
    assert took < 1


def test_the_size_of_a_sqlite_pool_is_that_of_its_log_too(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.STASH_BACKEND, settings.STASH_HOME = "sqlite", tmp_path
    backend = SqliteBackend(tmp_path / "memories.db")
    monkeypatch.setattr(pool_states, "pools", lambda: Pools({"default": lambda: backend}))
    # Less than what makes SQLite write it into the database itself.
    backend.put("usr_1", "large", [b'"' + b"x" * 300_000 + b'"'], 60_000)

    facts = dict(pool_states.states(timezone.now())["default"].facts)

    assert int(facts["File"].split()[1]) >= 300
    assert facts["File"].endswith(" KB with its log")
