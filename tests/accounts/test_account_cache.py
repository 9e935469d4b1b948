"""Accounts are remembered for a second, counted from the read."""

import pytest
from django.utils import timezone

from accounts.account_cache import AccountCache
from accounts.key_secret import digest_of
from accounts.models import ApiKey, Tier, User
from accounts.usage.buffer import buffer


class Clock:
    """Seconds that pass when told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> AccountCache:
    return AccountCache(clock)


@pytest.fixture
def key(alice: User) -> tuple[ApiKey, bytes]:
    key, secret = ApiKey.issue(alice)
    return key, digest_of(secret)


def test_a_key_seen_within_a_second_costs_no_query(
    cache: AccountCache, clock: Clock, key: tuple[ApiKey, bytes], django_assert_num_queries
) -> None:
    first = cache.find(key[1])
    clock.now += 0.999

    with django_assert_num_queries(0):
        assert cache.find(key[1]) is first


def test_a_revoked_key_is_refused_after_a_second(
    cache: AccountCache, clock: Clock, key: tuple[ApiKey, bytes]
) -> None:
    assert cache.find(key[1]) is not None
    key[0].revoke()
    clock.now += 1

    assert cache.find(key[1]) is None


def test_a_hit_does_not_make_the_second_longer(
    cache: AccountCache, clock: Clock, key: tuple[ApiKey, bytes]
) -> None:
    cache.find(key[1])
    key[0].revoke()
    for _ in range(9):
        clock.now += 0.1
        assert cache.find(key[1]) is not None
    clock.now += 0.11

    assert cache.find(key[1]) is None


def test_a_changed_tier_is_seen_after_a_second(
    cache: AccountCache, clock: Clock, key: tuple[ApiKey, bytes], alice: User
) -> None:
    cache.find(key[1])
    User.objects.filter(pk=alice.pk).update(tier="pro")
    clock.now += 1

    account = cache.find(key[1])

    assert account is not None
    assert account.tier == "pro"
    assert account.limits.burst == 50


@pytest.mark.parametrize("whose", ["the tier's", "the user's own"])
def test_a_changed_limit_is_seen_after_a_second(
    cache: AccountCache, clock: Clock, key: tuple[ApiKey, bytes], alice: User, whose: str
) -> None:
    cache.find(key[1])
    if whose == "the tier's":
        Tier.objects.filter(pk=alice.tier_id).update(burst=77)
    else:
        User.objects.filter(pk=alice.pk).update(burst=77)
    clock.now += 1

    account = cache.find(key[1])

    assert account is not None
    assert account.limits.burst == 77


@pytest.mark.django_db
def test_an_unknown_key_is_asked_for_every_time(cache: AccountCache, django_assert_num_queries) -> None:
    """A key that is made a moment later works at once."""
    with django_assert_num_queries(2):
        assert cache.find(b"x" * 32) is None
        assert cache.find(b"x" * 32) is None


def test_a_key_that_was_read_is_noted_as_used_and_nothing_is_written(
    cache: AccountCache, key: tuple[ApiKey, bytes], django_assert_num_queries
) -> None:
    buffer.take()
    before = timezone.now()
    with django_assert_num_queries(1):
        cache.find(key[1])
        cache.find(key[1])

    _, used = buffer.take()

    assert list(used) == [key[0].public_id]
    assert before <= used[key[0].public_id] <= timezone.now()


def test_the_cache_is_bounded(cache: AccountCache, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.account_cache.SIZE", 3)
    for _ in range(10):
        cache.find(digest_of(ApiKey.issue(alice)[1]))

    assert len(cache.accounts) <= 3


def test_dropped_accounts_are_read_again_and_others_are_not(
    cache: AccountCache, key: tuple[ApiKey, bytes], alice: User, django_assert_num_queries
) -> None:
    bob = digest_of(ApiKey.issue(User.objects.create_user("bob@example.com"))[1])
    cache.find(key[1])
    cache.find(bob)
    key[0].revoke()

    cache.drop(alice.public_id)

    assert cache.find(key[1]) is None
    with django_assert_num_queries(0):
        assert cache.find(bob) is not None


def test_what_was_read_before_a_drop_is_not_kept_after_it(
    cache: AccountCache, key: tuple[ApiKey, bytes], alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread revokes the key between this one's query and its answer."""

    def revoked_meanwhile(*_: object) -> None:
        key[0].revoke()
        cache.drop(alice.public_id)

    monkeypatch.setattr(buffer, "use", revoked_meanwhile)
    assert cache.find(key[1]) is not None

    assert cache.find(key[1]) is None
