"""What is kept, for how long, and how it goes."""

from datetime import timedelta

import pytest

from accounts.models import Busiest, UsageHour, UsageMinute
from accounts.usage import rollup
from accounts.usage.buffer import Buffer
from accounts.usage.busiest import WINDOWS
from accounts.usage.rollup import roll_up
from accounts.usage.upsert import write
from tests.accounts.usage.conftest import NOW, Clock

pytestmark = pytest.mark.usefixtures("database")


def count(clock: Clock, ago: timedelta, users: int = 1) -> None:
    clock.now = (NOW - ago).timestamp()
    buffer = Buffer(clock)
    for number in range(users):
        buffer.count(f"usr_{number}", f"key_{number}", 200, 1)
    write(buffer.take()[0])


def test_minutes_are_kept_for_two_hours_and_hours_for_ninety_days(clock: Clock) -> None:
    for minutes in (0, 119, 120, 121):
        count(clock, timedelta(minutes=minutes))
    for hours in (90 * 24 - 1, 90 * 24, 90 * 24 + 1):
        count(clock, timedelta(hours=hours))

    roll_up(NOW)

    service = UsageMinute.objects.filter(subject="")
    assert {NOW.replace(second=0) - row.at for row in service} == {timedelta(0), timedelta(minutes=119)}
    assert UsageMinute.objects.count() == 6
    kept = {
        (NOW.replace(minute=0, second=0) - row.at) // timedelta(hours=1) for row in UsageHour.objects.all()
    }
    assert kept == {0, 2, 90 * 24 - 1}
    assert Busiest.objects.count() == 2 * len(WINDOWS)


def test_what_the_hours_say_is_what_the_minutes_said(clock: Clock) -> None:
    for minutes in range(300, 0, -7):
        count(clock, timedelta(minutes=minutes))

    roll_up(NOW)

    assert sum(UsageHour.objects.filter(subject="").values_list("requests", flat=True)) == len(
        range(300, 0, -7)
    )


def test_rows_go_in_steps_until_none_is_left(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollup, "STEP", 10)
    count(clock, timedelta(hours=3), users=20)
    count(clock, timedelta(0), users=5)

    assert roll_up(NOW) == 41

    assert UsageMinute.objects.count() == 11
    assert roll_up(NOW) == 0


def test_a_run_that_is_out_of_time_leaves_the_rest_to_the_next(clock: Clock) -> None:
    count(clock, timedelta(hours=3), users=20)

    assert roll_up(NOW, seconds=0) == 0
    assert roll_up(NOW) == 41
