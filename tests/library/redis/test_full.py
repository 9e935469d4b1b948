"""A Redis that is full: it takes nothing more, and still recalls, forgets and spends."""

from collections.abc import Callable

import pytest

from stash_memory.errors import RateLimited, StoreFull
from tests.backends import RedisBackend
from tests.by_method import Get, Put
from tests.contract.cast import ALICE, LONG, content, slow_spend
from tests.servers.redis_server import RedisServer


@pytest.fixture
def full(own_server: Callable[..., RedisServer], opened: Callable[..., RedisBackend]) -> RedisBackend:
    """A backend whose server has no room left; "plan" is 1 and "large" is 3 MB."""
    server = own_server(maxmemory="30mb")
    backend = opened(server.url)
    backend.put(ALICE, "plan", [b"1"], LONG)
    backend.put(ALICE, "large", [b"x" * 3_000_000], LONG)
    with server.client() as client:
        client.config_set("maxmemory", client.info("memory")["used_memory"] // 2)
    return backend


def test_a_full_one_takes_no_writes(full: RedisBackend) -> None:
    with pytest.raises(StoreFull, match="maxmemory"):
        full.put(ALICE, "two", [b"1"], LONG)
    with pytest.raises(StoreFull):
        full.put(ALICE, "two", [b"x" * 3_000_000], LONG)
    with pytest.raises(StoreFull):
        full.update(ALICE, "plan", body=[b"2"], max_ttl_ms=LONG)
    assert content(full.get(ALICE, "plan")) == b"1"
    assert full.totals(ALICE) == full.totals() == (2, 3_000_001)


def test_a_full_one_still_recalls_extends_lists_and_forgets(full: RedisBackend) -> None:
    assert content(full.get(ALICE, "plan", spend=slow_spend(9))) == b"1"
    assert content(full.get(ALICE, "large", spend=slow_spend(9))) == b"x" * 3_000_000
    assert content(full.update(ALICE, "plan", at_least_ms=2 * LONG, max_ttl_ms=2 * LONG)) == b"1"
    assert len(full.page(ALICE, spend=slow_spend(9)).entries) == 2
    full.delete(ALICE, "plan", spend=slow_spend(9))
    assert full.delete_prefix(ALICE, "", spend=slow_spend(9)) == 1
    assert full.purge(10).more is False


def test_a_full_one_still_spends(full: RedisBackend) -> None:
    assert full.spend(ALICE, slow_spend(3)).remaining == 2
    spend = slow_spend(3)
    with pytest.raises(StoreFull):
        full.put(ALICE, "two", [b"1"], LONG, spend=spend)
    assert spend.bucket is not None
    assert spend.bucket.remaining == 1
    with pytest.raises(StoreFull):
        full.put(ALICE, "two", [b"x" * 3_000_000], LONG, spend=slow_spend(3))
    spend = slow_spend(3)
    with pytest.raises(RateLimited):
        full.put(ALICE, "two", [b"1"], LONG, spend=spend)
    assert spend.bucket is not None
    assert spend.bucket.granted == 0


def test_a_full_one_does_of_many_what_it_can(full: RedisBackend) -> None:
    spend = slow_spend(4, cost=5)
    operations = [
        Get("plan"),
        Put("two", [b"2"], LONG),
        Get("two"),
        Put("three", [b"x" * 2_000_000], LONG),
        Get("plan"),
    ]
    results = full.many(ALICE, operations, spend=spend)
    kinds = [type(result).__name__ for result in results]
    assert kinds == ["Record", "StoreFull", "MemoryNotFound", "StoreFull", "RateLimited"]
