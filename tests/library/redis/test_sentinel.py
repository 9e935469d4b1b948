"""Sentinel names another primary: whoever asks finds it."""

import time
from collections.abc import Callable, Iterator

import pytest

from stash_memory.errors import StoreUnavailable
from tests.backends import RedisBackend
from tests.contract.cast import ALICE, LONG, content
from tests.servers.process import wait_until
from tests.servers.sentinel import SERVICE, SentinelServers


@pytest.fixture
def servers() -> Iterator[SentinelServers]:
    """Three servers of the test's own."""
    servers = SentinelServers(patience_ms=500)
    yield servers
    servers.stop()


@pytest.fixture
def backend(servers: SentinelServers, opened: Callable[..., RedisBackend]) -> RedisBackend:
    """A backend with a record that the replica has too."""
    backend = opened(servers.url)
    backend.put(ALICE, "plan", [b"1"], LONG)
    with servers.replica.client() as client:
        wait_until(lambda: bool(client.exists("user:{usr_alice}:plan")))
    return backend


def put_at_last(backend: RedisBackend, seconds: float = 20) -> None:
    """Tries until the write is taken; each failure comes soon and does not claim to know too much."""
    deadline = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        try:
            backend.put(ALICE, "two", [b"2"], LONG)
        except StoreUnavailable as error:
            assert time.monotonic() - began < 2
            assert error.applied in (False, "unknown")  # noqa: PT017
            assert time.monotonic() < deadline, error  # noqa: PT017
            time.sleep(0.05)
        else:
            return


def test_the_primary_dies(servers: SentinelServers, backend: RedisBackend) -> None:
    servers.primary.kill()
    with pytest.raises(StoreUnavailable) as caught:
        backend.put(ALICE, "two", [b"2"], LONG)
    assert caught.value.applied is False
    put_at_last(backend)
    assert servers.named() == servers.replica.port
    assert content(backend.get(ALICE, "plan")) == b"1"
    assert content(backend.get(ALICE, "two")) == b"2"


def test_the_primary_freezes(servers: SentinelServers, backend: RedisBackend) -> None:
    servers.primary.pause()
    put_at_last(backend)
    assert content(backend.get(ALICE, "plan")) == b"1"
    servers.primary.resume()


def test_the_primary_is_made_a_replica(servers: SentinelServers, backend: RedisBackend) -> None:
    with servers.asked() as sentinel:
        sentinel.execute_command("SENTINEL", "FAILOVER", SERVICE)
    with servers.primary.client() as client:
        # Until then it takes writes, and loses them: that is Redis's replication, which nobody waits for.
        wait_until(lambda: client.role()[0] in ("slave", b"slave"), seconds=20)
    put_at_last(backend)
    with servers.replica.client() as client:
        assert client.exists("user:{usr_alice}:two")


def test_a_primary_that_turns_replica_under_a_connection(
    servers: SentinelServers, backend: RedisBackend
) -> None:
    """Before Sentinel knows of it: the write is refused, and known not to be applied."""
    with servers.primary.client() as client:
        client.replicaof("127.0.0.1", servers.replica.port)
        with pytest.raises(StoreUnavailable) as caught:
            backend.put(ALICE, "two", [b"2"], LONG)
    assert caught.value.applied is False
    assert "replica" in caught.value.detail


def test_there_is_no_primary(servers: SentinelServers, backend: RedisBackend) -> None:
    servers.replica.kill()
    servers.primary.kill()
    deadline = time.monotonic() + 20
    while True:
        began = time.monotonic()
        with pytest.raises(StoreUnavailable) as caught:
            backend.put(ALICE, "two", [b"2"], LONG)
        assert time.monotonic() - began < 2
        assert caught.value.applied is False
        if "no primary" in caught.value.detail:
            break
        assert time.monotonic() < deadline, caught.value
        time.sleep(0.05)


def test_there_is_no_sentinel(servers: SentinelServers, opened: Callable[..., RedisBackend]) -> None:
    url = servers.url
    servers.stop()
    began = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        opened(url).put(ALICE, "two", [b"2"], LONG)
    assert time.monotonic() - began < 2
    assert caught.value.applied is False
