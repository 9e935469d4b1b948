"""Two days of made traffic, counted and written as the server counts and writes what is real."""

import math
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from accounts.usage.buffer import Buffer
from accounts.usage.columns import FORGETS, RECALLS_EXPIRED, RECALLS_FOUND, RECALLS_MISSING, STASHES, UPDATES
from accounts.usage.upsert import write
from demo.tenants import Caller

DAYS = timedelta(days=2)
# Minutes are kept for two hours; before that an hour's requests are all put into its first minute.
MINUTES = timedelta(hours=2)
# What requests come to: the status, what is counted, and how often of a thousand.
KINDS = (
    (201, (STASHES,), 330),
    (200, (RECALLS_FOUND,), 480),
    (410, (RECALLS_EXPIRED,), 40),
    (404, (RECALLS_MISSING,), 35),
    (200, (UPDATES,), 60),
    (204, (FORGETS,), 35),
    (400, (), 18),
    (503, (), 0.3),
)
# A user of the smallest tier is over its limit now and then.
REFUSED = (429, (), 90)


def make(callers: Sequence[Caller], now: datetime, dice: random.Random) -> int:
    """Writes the traffic of all callers in the two days before `now`; returns how many requests it was."""
    total = 0
    for at, minutes in moments(now):
        buffer = Buffer(clock=at.timestamp)
        total += sum(count(buffer, caller, caller.a_minute * minutes * day(at), dice) for caller in callers)
        write(buffer.take()[0])
    return total


def moments(now: datetime) -> Iterator[tuple[datetime, int]]:
    """The hours and then the minutes up to `now`, each with how many minutes it stands for."""
    last = now.replace(second=0, microsecond=0)
    recent = (last - MINUTES).replace(minute=0)
    for hour in range(int(DAYS / timedelta(hours=1)), 0, -1):
        yield recent - timedelta(hours=hour), 60
    at = recent
    while at < last:
        yield at, 1
        at += timedelta(minutes=1)


def day(at: datetime) -> float:
    """How busy a time of the day is: 1 in the early afternoon of UTC, 0.2 in the night."""
    hour = at.astimezone(UTC).hour + at.minute / 60
    return 0.6 + 0.4 * math.cos((hour - 14) * math.pi / 12)


def count(buffer: Buffer, caller: Caller, expected: float, dice: random.Random) -> int:
    """Around so many requests of one caller; returns how many."""
    kinds = [*KINDS, REFUSED] if caller.tier == "free" else KINDS
    number = max(0, round(dice.gauss(expected, math.sqrt(expected))))
    for status, outcomes, _ in dice.choices(kinds, [often for *_, often in kinds], k=number):
        size = round(dice.lognormvariate(6.5, 1.2))
        buffer.count(
            caller.user_id,
            caller.key_id,
            status,
            dice.lognormvariate(1.1, 0.7) if status < 500 else 1_000,
            outcomes,
            bytes_in=size if status == 201 else 0,
            bytes_out=size if outcomes == (RECALLS_FOUND,) else 0,
        )
    return number
