"""What the dashboard reads."""

from datetime import timedelta

import pytest

from accounts.usage.buffer import Buffer
from accounts.usage.columns import COLUMNS, RECALLS_EXPIRED, RECALLS_FOUND, RECALLS_MISSING, STASHES
from accounts.usage.counts import NONE, Counts
from accounts.usage.figures import requests_of, series, total, totals
from accounts.usage.upsert import write
from accounts.usage.windows import DAY, HOUR, HOURS, MINUTES, MONTH
from tests.accounts.usage.conftest import NOW, Clock

pytestmark = pytest.mark.usefixtures("database")


def count(
    clock: Clock, times: int = 1, user: str = "usr_a", key: str = "key_1", outcome: int = STASHES
) -> None:
    """So many requests, written."""
    buffer = Buffer(clock)
    for _ in range(times):
        buffer.count(user, key, 200, 3, (outcome,), bytes_in=10)
    write(buffer.take()[0])


def test_a_series_has_a_point_for_each_minute_the_last_one_included(clock: Clock) -> None:
    clock.now -= 3_600
    count(clock, 9)
    clock.now += 60
    count(clock, 2)
    clock.now = NOW.timestamp()
    count(clock, 3)

    points = series(HOUR, NOW)

    assert len(points) == 60
    assert points[0].at == NOW.replace(hour=11, minute=31, second=0)
    assert points[-1].at == NOW.replace(second=0)
    assert [point.counts.requests for point in points] == [2, *[0] * 58, 3]
    assert points[1].counts == NONE


def test_a_series_may_be_of_hours_and_of_one_user_or_key(clock: Clock) -> None:
    count(clock, 2, key="key_1")
    count(clock, 3, key="key_2")
    count(clock, 4, user="usr_b", key="key_3")

    for subject, requests in (("", 9), ("usr_a", 5), ("key_2", 3), ("usr_c", 0)):
        points = series(MONTH, NOW, subject)
        assert len(points) == 720
        assert points[-1].counts.requests == requests


def test_totals_begin_with_the_first_hour_of_the_window(clock: Clock) -> None:
    for hours in (0, 23, 24, 719, 720):
        clock.now = (NOW - timedelta(hours=hours)).timestamp()
        count(clock)

    assert totals(HOUR, NOW).requests == 1
    assert totals(DAY, NOW).requests == 2
    assert totals(MONTH, NOW).requests == 4
    assert totals(HOURS, NOW).requests == 5
    assert totals(MINUTES, NOW).bytes_in == 10


def test_a_part_of_a_series_can_be_summed_without_another_query(
    clock: Clock, django_assert_num_queries
) -> None:
    for hours in (0, 23, 24, 700):
        clock.now = (NOW - timedelta(hours=hours)).timestamp()
        count(clock)

    with django_assert_num_queries(1):
        points = series(MONTH, NOW)
        assert total(points) == totals_of(4)
        assert total(points[-24:]) == totals_of(2)
        assert total([]) == NONE


def totals_of(stashes: int) -> Counts:
    """So many stashes of `count`."""
    numbers = dict.fromkeys(COLUMNS, 0) | {"bytes_in": 10 * stashes}
    numbers["requests"] = numbers["stashes"] = numbers["up_to_5_ms"] = stashes
    return Counts.of(numbers.values())


def test_recalls_are_summed_by_outcome(clock: Clock) -> None:
    for outcome in (RECALLS_FOUND, RECALLS_FOUND, RECALLS_EXPIRED, RECALLS_MISSING):
        count(clock, outcome=outcome)

    day = totals(DAY, NOW)

    assert (day.recalls, day.recalls_found, day.recalls_expired, day.recalls_missing) == (4, 2, 1, 1)
    assert day.share(day.recalls_found) == 0.5


def test_no_usage_is_all_zero() -> None:
    assert totals(DAY, NOW) == NONE
    assert NONE.share(NONE.status_429) == 0
    assert requests_of(["usr_a"], NOW) == {}


def test_the_requests_of_a_pageful_of_keys_are_one_query(clock: Clock, django_assert_num_queries) -> None:
    for number in range(5):
        count(clock, number + 1, key=f"key_{number}")

    with django_assert_num_queries(1):
        assert requests_of(["key_1", "key_3", "key_9"], NOW) == {"key_1": 2, "key_3": 4}


def latency(**buckets: int) -> Counts:
    """Counts with these in their histogram: `latency(ms_5=10)`."""
    bounds = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, "more")
    return Counts.of([*[0] * 12, *(buckets.get(f"ms_{bound}", 0) for bound in bounds)])


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_percentiles_lie_within_their_bucket() -> None:
    assert latency(ms_5=100).latency_ms(50) == 3.5
    assert latency(ms_1=100).latency_ms(95) == 0.95
    assert latency(ms_1=50, ms_10=50).latency_ms(50) == 1
    assert latency(ms_1=94, ms_10=6).latency_ms(95) == pytest.approx(5 + 5 / 6)
    assert latency(ms_more=1).latency_ms(50) == 5_000
    assert latency().latency_ms(95) is None
