"""A user whose tier has another pool moves: everyone knows it before it happens."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.account import Account
from accounts.key_secret import digest_of
from accounts.models import ApiKey, PoolMove, Tier, User
from accounts.models.pool_move import AHEAD
from accounts.placement import PoolStay
from upkeep.prepare import check_tiers

POOLS = {"free": "redis://free", "pro": "redis://pro", "enterprise": "redis://enterprise"}


def move_to(user: User, tier: str) -> None:
    user.tier_id = tier
    user.save()


def account_of(user: User) -> Account:
    account = Account.behind(digest_of(ApiKey.issue(user)[1]), timezone.now())
    assert account is not None
    return account


def test_the_first_tiers_have_pools_of_their_names(db: None) -> None:
    pools = dict(Tier.objects.values_list("name", "pool"))
    assert pools == {"free": "free", "pro": "pro", "enterprise": "enterprise", "local": "default"}


def test_a_change_of_tier_is_dated_two_seconds_ahead(alice: User) -> None:
    before = timezone.now()
    move_to(alice, "pro")

    move = PoolMove.objects.get()
    assert (move.user, move.pool) == (alice, "free")
    assert AHEAD <= move.at - before <= AHEAD + timedelta(seconds=0.6)
    # An hour is what a memory lives on free; for a day the pool tells of what expired.
    assert move.look_at - move.at == timedelta(hours=25)


def test_an_account_knows_where_memories_were_and_where_they_go(alice: User) -> None:
    assert account_of(alice).placement.stays == (PoolStay("free"),)
    move_to(alice, "pro")

    account = account_of(alice)
    assert account.limits.burst == 50, "limits count at once"
    [left, now] = account.placement.stays
    assert (left.pool, now) == ("free", PoolStay("pro"))
    assert left.until_ms is not None
    assert abs(left.until_ms / 1000 - PoolMove.objects.get().at.timestamp()) < 0.001
    assert account.placement.renewed().stays == account.placement.stays


def test_stays_are_in_the_order_of_time_however_fast_one_moves(alice: User) -> None:
    for tier in ["pro", "free", "enterprise", "free"]:
        move_to(alice, tier)

    stays = account_of(alice).placement.stays
    assert [stay.pool for stay in stays] == ["free", "pro", "free", "enterprise", "free"]
    assert all(one.until_ms < other.until_ms for one, other in pairwise(stays[:-1]))


def test_it_is_one_query_with_moves_and_without(alice: User, django_assert_num_queries: Any) -> None:
    digest = digest_of(ApiKey.issue(alice)[1])
    for _ in range(2):
        with django_assert_num_queries(1):
            assert Account.behind(digest, timezone.now()) is not None
        move_to(alice, "pro")


def test_a_tier_with_the_same_pool_is_no_move(alice: User) -> None:
    Tier.objects.filter(name="pro").update(pool="free")
    move_to(alice, "pro")
    alice.email = "other@example.com"
    alice.save()
    assert not PoolMove.objects.exists()


def test_what_is_saved_of_a_log_in_asks_for_no_tier(alice: User, django_assert_num_queries: Any) -> None:
    alice.last_login = timezone.now()
    with django_assert_num_queries(1):
        alice.save(update_fields=["last_login"])


def test_createkey_moves_too(alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("createkey", alice.email, "--tier", "pro")
    assert PoolMove.objects.get().pool == "free"


def test_a_tier_with_another_pool_moves_all_its_users(alice: User) -> None:
    bob = User.objects.create_user("bob@example.com")
    User.objects.create_user("carol@example.com", tier_id="pro")
    free = Tier.objects.get(name="free")
    free.max_ttl = 60
    free.pool = "other"
    free.save()

    assert {(move.user, move.pool) for move in PoolMove.objects.all()} == {(alice, "free"), (bob, "free")}
    assert [stay.pool for stay in account_of(bob).placement.stays] == ["free", "other"]


def test_a_pool_that_is_empty_twice_a_day_apart_was_left_for_good(alice: User) -> None:
    move_to(alice, "pro")
    for live in [3, 0, 1, 0]:
        assert PoolMove.objects.get().looked(live) is False
    assert PoolMove.objects.get().look_at > timezone.now() + timedelta(hours=23)
    assert PoolMove.objects.get().looked(0) is True
    assert not PoolMove.objects.exists()


def test_a_tier_without_its_pool_is_refused(alice: User, settings: Any) -> None:
    sentence = "The tier gold keeps memories in the pool 'gold', and REDIS_URL_GOLD is not set."
    tier = Tier(name="gold", pool="gold", payload_bytes=1, default_ttl=1, max_ttl=1)
    tier.full_clean()
    settings.STASH_POOLS = POOLS
    with pytest.raises(ValidationError) as refused:
        tier.full_clean()
    assert refused.value.message_dict == {"pool": [sentence]}

    tier.save()
    alice.tier = tier
    with pytest.raises(ValidationError) as refused:
        alice.full_clean(exclude=["password"])
    assert refused.value.message_dict == {"tier": [sentence]}
    with pytest.raises(CommandError, match="REDIS_URL_GOLD is not set"):
        call_command("createkey", "new@example.com", "--tier", "gold")
    assert not User.objects.filter(email="new@example.com").exists()


def test_a_start_looks_at_every_tier_and_at_what_users_left(alice: User, settings: Any) -> None:
    check_tiers()
    settings.STASH_POOLS = POOLS
    check_tiers()

    local = User.objects.create_user("local@example.com", tier_id="local")
    with pytest.raises(CommandError, match="The tier local keeps memories in the pool 'default'"):
        check_tiers()
    local.delete()

    settings.STASH_POOLS = {**POOLS, "old": "redis://old"}
    Tier.objects.filter(name="free").update(pool="old")
    move_to(alice, "pro")
    Tier.objects.filter(name="free").update(pool="free")
    check_tiers()
    settings.STASH_POOLS = POOLS
    with pytest.raises(CommandError, match="Users who left the pool 'old' may have memories there"):
        check_tiers()
