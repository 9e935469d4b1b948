"""The arithmetic of the deadlines, with no clock but the one handed in."""

import pytest

from stash_site.server.deadline import Countdown, Limits, Pace

LIMITS = Limits(head=10, idle=10, grace=10, rate=1000)


def test_countdown_runs_whatever_arrives() -> None:
    countdown = Countdown(10, now=100)
    countdown.waited(3)
    countdown.moved(1_000_000)
    assert countdown.allowance(now=104) == 6
    assert countdown.allowance(now=111) < 0


def test_pace_starts_with_the_longest_pause() -> None:
    assert Pace(LIMITS).allowance(now=0) == 10


def test_pace_does_not_count_time_nobody_waited() -> None:
    pace = Pace(LIMITS)
    pace.waited(4)
    assert pace.allowance(now=1_000_000) == 6


def test_silence_ends_the_allowance() -> None:
    pace = Pace(LIMITS)
    pace.moved(1_000_000)
    for _ in range(4):
        pace.waited(2.5)
    assert pace.allowance(now=0) == 0


def test_what_moves_ends_a_pause() -> None:
    pace = Pace(LIMITS)
    pace.moved(1_000_000)
    pace.waited(9)
    pace.moved(1_000_001)
    assert pace.allowance(now=0) == 10


def test_nothing_new_is_no_movement() -> None:
    pace = Pace(LIMITS)
    pace.moved(500)
    pace.waited(9)
    pace.moved(500)
    assert pace.allowance(now=0) == 1


def test_a_trickle_ends_with_the_grace() -> None:
    pace = Pace(LIMITS)
    for total in range(1, 10):
        pace.waited(1)
        pace.moved(total)
    assert pace.allowance(now=0) == 1
    pace.waited(1)
    pace.moved(10)
    assert pace.allowance(now=0) == 0


@pytest.mark.parametrize(("rate", "lives"), [(999, False), (1001, True)])
def test_after_the_grace_the_average_decides(rate: int, lives: bool) -> None:
    pace = Pace(LIMITS)
    for second in range(1, 61):
        pace.waited(1)
        pace.moved(second * rate)
    assert (pace.allowance(now=0) > 0) is lives


def test_the_numbers_are_the_documented_ones() -> None:
    assert Limits() == Limits(head=10, idle=10, grace=10, rate=16384, linger=1)
