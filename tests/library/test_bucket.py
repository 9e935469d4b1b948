"""The token bucket's arithmetic: never a token too many, and never one too few."""

from fractions import Fraction
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stash_memory.bucket import Bucket, Spend, take
from stash_memory.errors import RateLimited

NOW_US = 1_768_476_600_123_456

rates = st.one_of(
    st.integers(1, 5_000),
    st.sampled_from([0.1, 0.5, 1 / 3, 1.7, 1 / 3600, 59.94]),
    st.builds(lambda a_minute: a_minute / 60, st.integers(1, 1_000)),
)
# Gaps in microseconds: none, less than a token's, about a token's, and long ones.
gaps = st.one_of(st.just(0), st.integers(0, 5_000), st.integers(0, 3_000_000), st.integers(0, 10**11))
asked = st.lists(st.tuples(gaps, st.integers(1, 8), st.booleans()), min_size=1, max_size=40)


def asked_of(
    rate: float, burst: int, requests: list[tuple[int, int, bool]]
) -> list[tuple[int, int, int, bool]]:
    """When each request came, what it asked, what it was granted, and whether it would take less."""
    state, outcome = 0, []
    times = list(accumulate((gap for gap, _, _ in requests), initial=NOW_US))[1:]
    for now_us, (_, cost, some) in zip(times, requests, strict=True):
        state, bucket = take(state, now_us, Spend(rate, burst, cost), some=some)
        outcome.append((now_us, cost, bucket.granted, some))
    return outcome


@given(rates, st.integers(1, 20), asked)
def test_no_window_is_granted_more_than_the_burst_and_what_came_back(
    rate: float, burst: int, requests: list[tuple[int, int, bool]]
) -> None:
    interval = Spend(rate, burst).interval_us
    outcome = asked_of(rate, burst, requests)
    for first in range(len(outcome)):
        granted = 0
        for at_us, _, tokens, _ in outcome[first:]:
            granted += tokens
            assert granted <= burst + Fraction(at_us - outcome[first][0], interval)


@given(rates, st.integers(1, 20), asked)
def test_nothing_is_refused_that_every_window_has_room_for(
    rate: float, burst: int, requests: list[tuple[int, int, bool]]
) -> None:
    interval = Spend(rate, burst).interval_us
    outcome = asked_of(rate, burst, requests)
    for last, (now_us, cost, granted, some) in enumerate(outcome):
        room = Fraction(burst)
        used = 0
        for at_us, _, tokens, _ in reversed(outcome[:last]):
            used += tokens
            room = min(room, burst + Fraction(now_us - at_us, interval) - used)
        if some:
            assert granted == min(cost, room // 1)
        else:
            assert granted == (cost if cost <= room else 0)


@given(rates, st.integers(1, 20), asked)
def test_what_remains_is_what_can_be_taken(
    rate: float, burst: int, requests: list[tuple[int, int, bool]]
) -> None:
    state, now_us = 0, NOW_US
    for gap, cost, some in requests:
        now_us += gap
        state, bucket = take(state, now_us, Spend(rate, burst, cost), some=some)
        assert take(state, now_us, Spend(rate, burst, 1_000), some=True)[1].granted == bucket.remaining


@given(rates, st.integers(1, 20), asked, st.integers(1, 20), st.booleans())
def test_retry_after_is_long_enough_and_no_millisecond_longer(
    rate: float, burst: int, requests: list[tuple[int, int, bool]], cost: int, some: bool
) -> None:
    state, now_us = 0, NOW_US
    for gap, earlier, _ in requests:
        now_us += gap
        state, _ = take(state, now_us, Spend(rate, burst, earlier), some=True)
    spend = Spend(rate, burst, min(cost, burst))
    state, bucket = take(state, now_us, spend, some=some)
    if bucket.granted == spend.cost:
        assert bucket.retry_after_ms == 0
        return
    wanted = Spend(rate, burst, 1 if some else spend.cost)
    wait_us = bucket.retry_after_ms * 1_000
    assert take(state, now_us + wait_us, wanted)[1].granted == wanted.cost
    assert take(state, now_us + wait_us - 1_000, wanted)[1].granted == 0


@given(rates, st.integers(1, 20), asked)
def test_full_after_is_when_it_is_full_and_no_millisecond_later(
    rate: float, burst: int, requests: list[tuple[int, int, bool]]
) -> None:
    state, now_us = 0, NOW_US
    for gap, cost, some in requests:
        now_us += gap
        state, bucket = take(state, now_us, Spend(rate, burst, cost), some=some)
    full_at_us = now_us + bucket.full_after_ms * 1_000
    assert state <= full_at_us
    assert bucket.full_after_ms == 0 or state > full_at_us - 1_000
    assert take(state, full_at_us, Spend(rate, burst, burst))[1].granted == burst


def test_a_burst_and_then_one_an_interval() -> None:
    state = 0
    outcome = []
    for n in range(24):
        state, bucket = take(state, NOW_US + n * 250_000, Spend(rate=1, burst=2))
        outcome.append(bucket.granted)
    assert outcome == [1, 1, 0, 0] + [1, 0, 0, 0] * 5


def test_a_refusal_takes_nothing() -> None:
    state, _ = take(0, NOW_US, Spend(rate=1, burst=3, cost=2))
    after, bucket = take(state, NOW_US, Spend(rate=1, burst=3, cost=2))
    assert after == state
    assert bucket == Bucket(granted=0, remaining=1, full_after_ms=2_000, retry_after_ms=1_000)


def test_some_takes_what_there_is_and_says_when_there_is_one_more() -> None:
    _, bucket = take(0, NOW_US, Spend(rate=2, burst=3, cost=5), some=True)
    assert bucket == Bucket(granted=3, remaining=0, full_after_ms=1_500, retry_after_ms=500)


def test_a_smaller_burst_leaves_no_debt_of_tokens_below_none() -> None:
    state, _ = take(0, NOW_US, Spend(rate=1, burst=50, cost=40))
    state, bucket = take(state, NOW_US, Spend(rate=1, burst=10))
    assert (bucket.granted, bucket.remaining, bucket.retry_after_ms) == (0, 0, 31_000)
    assert take(state, NOW_US + 31_000_000, Spend(rate=1, burst=10))[1].granted == 1


def test_a_clock_that_is_set_back_grants_nothing_extra() -> None:
    state, _ = take(0, NOW_US, Spend(rate=1, burst=10, cost=10))
    _, bucket = take(state, NOW_US - 5_000_000, Spend(rate=1, burst=10))
    assert (bucket.granted, bucket.remaining) == (0, 0)


@pytest.mark.parametrize(("rate", "interval_us"), [(1, 1_000_000), (60, 16_667), (0.1, 10_000_000), (1e9, 1)])
def test_an_interval_is_whole_microseconds(rate: float, interval_us: int) -> None:
    assert Spend(rate, 1).interval_us == interval_us


def test_settling_writes_the_outcome_down() -> None:
    spend = Spend(rate=1, burst=1)
    bucket = Bucket(1, 0, 1_000, 0)
    spend.settle(bucket)
    assert spend.bucket is bucket


def test_settling_what_was_denied_raises_and_writes_it_down_too() -> None:
    spend = Spend(rate=1, burst=1)
    with pytest.raises(RateLimited) as caught:
        spend.settle(Bucket(0, 0, 1_000, 750))
    assert caught.value.retry_after_ms == 750
    assert spend.bucket == Bucket(0, 0, 1_000, 750)
