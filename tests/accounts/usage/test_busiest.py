"""The ten busiest, and how old the list is."""

from datetime import timedelta

import pytest

from accounts.models import ApiKey, Busiest, User
from accounts.usage.buffer import Buffer
from accounts.usage.busiest import Busy, Ranking, rank, rankings
from accounts.usage.upsert import write
from tests.accounts.usage.conftest import NOW, Clock

pytestmark = pytest.mark.usefixtures("database")


def count(clock: Clock, user: str, key: str, times: int) -> None:
    buffer = Buffer(clock)
    for _ in range(times):
        buffer.count(user, key, 200, 1)
    write(buffer.take()[0])


def test_before_the_first_roll_up_there_is_no_list() -> None:
    assert rankings() == {}


def test_users_and_keys_are_ranked_with_their_names(clock: Clock) -> None:
    alice = User.objects.create_user("alice@example.com")
    key, _ = ApiKey.issue(alice, name="agent")
    nameless, _ = ApiKey.issue(alice)
    count(clock, alice.public_id, key.public_id, 2)
    count(clock, alice.public_id, nameless.public_id, 3)
    count(clock, "usr_deleted", "key_deleted", 4)
    count(clock, "", "", 100)

    rank(NOW)

    lists = rankings()
    assert lists["hour", "user"] == Ranking(
        [
            Busy(alice.public_id, "alice@example.com", alice.pk, 5),
            Busy("usr_deleted", "usr_deleted", None, 4),
        ],
        NOW,
    )
    assert lists["month", "key"].busiest == [
        Busy("key_deleted", "key_deleted", None, 4),
        Busy(nameless.public_id, nameless.public_id, nameless.pk, 3),
        Busy(key.public_id, "agent", key.pk, 2),
    ]


def test_a_list_holds_ten_and_all_are_read_in_three_queries(clock: Clock, django_assert_num_queries) -> None:
    for number in range(12):
        count(clock, f"usr_{number:02}", f"key_{number:02}", 20 - number)
    rank(NOW)

    with django_assert_num_queries(3):
        lists = rankings()

    assert len(lists) == 6
    assert [busy.public_id for busy in lists["day", "user"].busiest] == [
        f"usr_{number:02}" for number in range(10)
    ]


def test_each_window_has_its_own(clock: Clock) -> None:
    for user, ago in (("usr_hour", 0), ("usr_day", 5), ("usr_month", 100), ("usr_before", 800)):
        clock.now = (NOW - timedelta(hours=ago)).timestamp()
        count(clock, user, "key_1", 1)
    rank(NOW)

    lists = rankings()
    found = [
        {busy.public_id for busy in lists[window, "user"].busiest} for window in ("hour", "day", "month")
    ]

    assert found == [{"usr_hour"}, {"usr_hour", "usr_day"}, {"usr_hour", "usr_day", "usr_month"}]


def test_a_list_is_made_anew_when_a_hundred_times_what_it_took_has_passed(clock: Clock) -> None:
    rank(NOW)
    Busiest.objects.filter(window="month").update(took_ms=1_200)
    Busiest.objects.exclude(window="month").update(took_ms=3)

    rank(NOW + timedelta(seconds=60))
    ages = {old.window: (old.taken_at - NOW).seconds for old in Busiest.objects.all()}
    rank(NOW + timedelta(seconds=120))

    assert ages == {"hour": 60, "day": 60, "month": 0}
    assert Busiest.objects.get(window="month", kind="key").taken_at == NOW + timedelta(seconds=120)
