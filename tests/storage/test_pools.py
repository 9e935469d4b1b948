"""Pools by name, and the stays of a user in them."""

import pytest

from accounts.placement import PoolStay
from stash_memory.backends.base import Backend
from stash_memory.errors import StoreUnavailable
from storage.pools import SURELY_OVER_MS, Pools
from tests.backends import MemoryBackend

NOW_MS = 10**12
LONG_AGO_MS = NOW_MS - SURELY_OVER_MS - 1


def stays(pools: Pools, *named: tuple[str, int | None]) -> list[tuple[Backend, int | None]]:
    return [tuple(stay) for stay in pools.stays([PoolStay(*one) for one in named], NOW_MS)]


@pytest.fixture
def pools() -> Pools:
    return Pools({"free": MemoryBackend, "pro": MemoryBackend})


def test_a_pool_is_opened_once_and_only_when_it_is_needed() -> None:
    opened = []

    def make() -> Backend:
        opened.append(1)
        return MemoryBackend()

    pools = Pools({"free": make, "pro": make})
    assert [*pools] == ["free", "pro"]
    assert pools["free"] is pools["free"]
    assert len(opened) == 1
    assert pools.single is None


def test_one_that_cannot_be_opened_takes_no_other_with_it_and_is_tried_again() -> None:
    failing = [True]

    def make() -> Backend:
        if failing.pop():
            raise StoreUnavailable
        return MemoryBackend()

    pools = Pools({"free": MemoryBackend, "pro": make})
    with pytest.raises(StoreUnavailable):
        pools["pro"].totals()
    assert pools["free"].totals() == (0, 0)
    failing.append(False)
    assert pools["pro"].totals() == (0, 0)


def test_a_name_that_is_no_pools_is_said(pools: Pools) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        pools["gold"].totals()
    assert caught.value.detail == "There is no pool 'gold': REDIS_URL_GOLD is not set."


def test_where_no_pools_are_set_one_stands_for_all_names() -> None:
    pools = Pools({"default": MemoryBackend}, single="default")
    assert pools["free"] is pools["pro"] is pools.single
    assert stays(pools, ("free", NOW_MS), ("pro", None)) == [(pools.single, None)]


def test_stays_are_in_the_pools_that_they_name(pools: Pools) -> None:
    named = ("free", NOW_MS + 1), ("pro", NOW_MS + 2), ("free", None)
    assert stays(pools, *named) == [(pools[name], until_ms) for name, until_ms in named]


def test_of_stays_that_are_long_over_one_for_each_pool_is_left(pools: Pools) -> None:
    named = ("free", LONG_AGO_MS - 9), ("pro", LONG_AGO_MS - 5), ("free", LONG_AGO_MS), ("pro", None)
    assert stays(pools, *named) == [(pools["free"], LONG_AGO_MS), (pools["pro"], None)]
