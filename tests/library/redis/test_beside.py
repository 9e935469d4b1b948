"""Bodies of 64 KB to 1 MB are read beside the script, and are never those of another version."""

from collections.abc import Callable

import pytest

from stash_memory.backends.redis.bodies import Bodies
from stash_memory.bucket import Spend
from stash_memory.errors import MemoryNotFound, RateLimited
from tests.backends import RedisBackend
from tests.contract.cast import ALICE, LONG, content
from tests.library.redis.test_scripts import round_trips
from tests.servers.redis_server import RedisServer

FIRST = b"1" * 200_000
SECOND = b"2" * 300_000


def between(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Has something happen once the script has answered, and before the body is read."""
    read = Bodies.read

    def later(*arguments: object) -> object:
        monkeypatch.setattr(Bodies, "read", read)
        happens()
        return read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Bodies, "read", later)


def test_a_large_body_takes_two_round_trips(backend: RedisBackend, server: RedisServer) -> None:
    kept = backend.put(ALICE, "plan", [FIRST], LONG)
    backend.get(ALICE, "plan")
    with round_trips(server, 2):
        record = backend.get(ALICE, "plan")
    assert content(record) == FIRST
    assert (record.version, record.size) == (kept.version, len(FIRST))
    assert 0 < record.remaining_ms <= LONG


def test_a_body_that_is_replaced_meanwhile_comes_whole_with_its_own_version(
    backend: RedisBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = backend.put(ALICE, "plan", [FIRST], LONG)
    between(monkeypatch, lambda: backend.put(ALICE, "plan", [SECOND], LONG))
    spend = Spend(rate=0.001, burst=2)
    record = backend.get(ALICE, "plan", spend=spend)
    assert content(record) == SECOND
    assert (record.size, record.version != old.version) == (len(SECOND), True)
    assert spend.bucket is not None
    assert spend.bucket.granted == 1
    backend.get(ALICE, "plan", spend=Spend(rate=0.001, burst=2))
    with pytest.raises(RateLimited):
        backend.get(ALICE, "plan", spend=Spend(rate=0.001, burst=2))


def test_a_body_that_is_forgotten_meanwhile_is_not_there(
    backend: RedisBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.put(ALICE, "plan", [FIRST], LONG)
    between(monkeypatch, lambda: backend.delete(ALICE, "plan"))
    with pytest.raises(MemoryNotFound):
        backend.get(ALICE, "plan")


def test_a_refused_recall_brings_none_of_the_body(backend: RedisBackend, server: RedisServer) -> None:
    backend.put(ALICE, "plan", [FIRST], LONG)
    backend.get(ALICE, "plan", spend=Spend(rate=0.001, burst=1))
    with server.client() as client:
        before = client.info("stats")["total_net_output_bytes"]
        with pytest.raises(RateLimited):
            backend.get(ALICE, "plan", spend=Spend(rate=0.001, burst=1))
        assert client.info("stats")["total_net_output_bytes"] - before < 20_000
