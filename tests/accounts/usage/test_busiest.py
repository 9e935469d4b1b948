"""The ten busiest, and how old the list is."""

from datetime import timedelta

import pytest

from accounts.models import ApiKey, Busiest, User
from accounts.usage import busiest
from accounts.usage.buffer import Buffer
from accounts.usage.busiest import Busy, Ranking, rank, rankings
from accounts.usage.upsert import write
from accounts.usage.windows import DAY, HOUR, MONTH
from accounts.usage.windows import NOW as LAST_MINUTES
from tests.accounts.usage.conftest import NOW, Clock

pytestmark = pytest.mark.usefixtures("database")


def count(clock: Clock, user: str, key: str, times: int) -> None:
    buffer = Buffer(clock)
    for _ in range(times):
        buffer.count(user, key, 200, 1)
    write(buffer.take()[0])


def test_before_the_first_roll_up_there_is_no_list() -> None:
    assert rankings(HOUR, NOW) == {}


def test_users_and_keys_are_ranked_with_their_names(clock: Clock) -> None:
    alice = User.objects.create_user("alice@example.com")
    key, _ = ApiKey.issue(alice, name="agent")
    nameless, _ = ApiKey.issue(alice)
    count(clock, alice.public_id, key.public_id, 2)
    count(clock, alice.public_id, nameless.public_id, 3)
    count(clock, "usr_deleted", "key_deleted", 4)
    count(clock, "", "", 100)

    rank(NOW)

    assert rankings(HOUR, NOW)["user"] == Ranking(
        [
            Busy(alice.public_id, "alice@example.com", alice.pk, 5),
            Busy("usr_deleted", "usr_deleted", None, 4),
        ],
        NOW,
    )
    assert rankings(MONTH, NOW)["key"].busiest == [
        Busy("key_deleted", "key_deleted", None, 4),
        Busy(nameless.public_id, nameless.public_id, nameless.pk, 3),
        Busy(key.public_id, "agent", key.pk, 2),
    ]


def test_a_list_holds_ten_and_both_are_read_in_three_queries(clock: Clock, django_assert_num_queries) -> None:
    for number in range(12):
        count(clock, f"usr_{number:02}", f"key_{number:02}", 20 - number)
    rank(NOW)

    with django_assert_num_queries(3):
        lists = rankings(DAY, NOW)

    assert len(lists) == 2
    assert [busy.public_id for busy in lists["user"].busiest] == [f"usr_{number:02}" for number in range(10)]


def test_each_window_has_its_own(clock: Clock) -> None:
    for user, ago in (("usr_hour", 0), ("usr_day", 5), ("usr_month", 100), ("usr_before", 800)):
        clock.now = (NOW - timedelta(hours=ago)).timestamp()
        count(clock, user, "key_1", 1)
    rank(NOW)

    found = [
        {busy.public_id for busy in rankings(window, NOW)["user"].busiest} for window in (HOUR, DAY, MONTH)
    ]

    assert found == [{"usr_hour"}, {"usr_hour", "usr_day"}, {"usr_hour", "usr_day", "usr_month"}]


def test_a_list_is_made_anew_when_a_hundred_times_what_it_took_has_passed(clock: Clock) -> None:
    rank(NOW)
    Busiest.objects.filter(window="month").update(took_ms=1_200)
    Busiest.objects.exclude(window="month").update(took_ms=3)

    rank(NOW + timedelta(seconds=60))
    ages = {old.window: (old.taken_at - NOW).seconds for old in Busiest.objects.all()}
    rank(NOW + timedelta(seconds=120))

    assert ages == {"now": 60, "hour": 60, "day": 60, "month": 0}
    assert Busiest.objects.get(window="month", kind="key").taken_at == NOW + timedelta(seconds=120)


def test_the_last_minutes_are_ranked_when_they_are_looked_at(clock: Clock) -> None:
    for user, ago in (("usr_flood", 0), ("usr_recent", 4), ("usr_before", 5)):
        clock.now = (NOW - timedelta(minutes=ago)).timestamp()
        count(clock, user, user.replace("usr", "key"), 10 - ago)

    lists = rankings(LAST_MINUTES, NOW)

    assert [(busy.public_id, busy.requests) for busy in lists["user"].busiest] == [
        ("usr_flood", 10),
        ("usr_recent", 6),
    ]
    assert [busy.public_id for busy in lists["key"].busiest] == ["key_flood", "key_recent"]
    assert lists["user"].taken_at == NOW


def test_the_last_minutes_of_a_crowd_are_ranked_by_the_roll_up(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(busiest, "AT_ONCE", 4)
    count(clock, "usr_1", "key_1", 3)
    rank(NOW)
    for number in range(2, 4):
        count(clock, f"usr_{number}", f"key_{number}", 5)

    lists = rankings(LAST_MINUTES, NOW + timedelta(seconds=20))

    assert [busy.public_id for busy in lists["user"].busiest] == ["usr_1"]
    assert lists["user"].taken_at == NOW
