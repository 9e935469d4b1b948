"""Moves end when the pool that was left holds nothing of the user's any more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import PoolMove, User
from stash_memory.backends.base import Backend
from stash_memory.errors import StoreUnavailable
from storage.pools import Pools
from tests.backends import MemoryBackend
from upkeep.purge import end_finished_moves

pytestmark = pytest.mark.django_db


@pytest.fixture
def pools() -> Pools:
    return Pools({"free": MemoryBackend, "pro": MemoryBackend})


def moved(email: str = "ada@example.com") -> User:
    """A user who moved from free to pro, long ago."""
    user = User.objects.create_user(email)
    user.tier_id = "pro"
    user.save()
    later()
    return user


def later() -> None:
    """It is time to look."""
    PoolMove.objects.update(look_at=timezone.now())


def test_a_move_ends_when_nothing_is_left_for_a_day(pools: Pools) -> None:
    user = moved()
    pools["free"].put(user.public_id, "plan", [b"1"], 10**9)
    for _ in range(3):
        assert end_finished_moves(pools) == 0
        later()

    pools["free"].delete(user.public_id, "plan")
    assert end_finished_moves(pools) == 0
    assert end_finished_moves(pools) == 0, "what expired there is told for a day"
    later()
    assert end_finished_moves(pools) == 1
    assert not PoolMove.objects.exists()


def test_it_is_not_looked_into_before_its_time(pools: Pools) -> None:
    moved()
    PoolMove.objects.update(look_at=timezone.now() + timedelta(seconds=60), empty=True)
    assert end_finished_moves(pools) == 0


def test_one_who_came_back_has_one_pool_less_to_look_into(pools: Pools) -> None:
    user = moved()
    user.tier_id = "free"
    user.save()
    PoolMove.objects.filter(pool="free").update(look_at=timezone.now())
    assert end_finished_moves(pools) == 1
    assert PoolMove.objects.get().pool == "pro"


def test_a_pool_that_is_down_is_asked_once_and_ends_no_move() -> None:
    asked = []

    def make() -> Backend:
        asked.append(1)
        raise StoreUnavailable

    for n in range(3):
        moved(f"{n}@example.com")
    PoolMove.objects.update(empty=True)
    assert end_finished_moves(Pools({"free": make, "pro": MemoryBackend})) == 0
    assert len(asked) == 1
    assert PoolMove.objects.count() == 3
