"""What operators, and users of their own usage, are shown. Each function is one query, or none.

A subject is a user's public id, a key's, or `SERVICE`. Counts reach the database within some five seconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Sum

from accounts.usage.columns import COLUMNS
from accounts.usage.counts import NONE, Counts
from accounts.usage.windows import DAY, Window

SERVICE = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One minute or hour, from `at` on."""

    at: datetime
    counts: Counts


def series(window: Window, now: datetime, subject: str = SERVICE) -> list[Point]:
    """A point for each minute or hour of the window, the oldest first; those without a request are zero."""
    start = window.start(now)
    rows = window.table.objects.filter(subject=subject, at__gte=start, at__lte=now)
    known = {at: Counts.of(numbers) for at, *numbers in rows.values_list("at", *COLUMNS)}
    moments = (start + number * window.step for number in range(window.steps))
    return [Point(at, known.get(at, NONE)) for at in moments]


def total(points: Iterable[Point]) -> Counts:
    """The sum of a series, or of a part of one: `total(hours[-24:])` is the last day's."""
    rows = zip(NONE.numbers, *(point.counts.numbers for point in points), strict=True)
    return Counts.of(map(sum, rows))


def by_day(points: Iterable[Point]) -> list[Point]:
    """A series of hours as days of UTC; the first and the last one may be of a few hours only."""
    return [
        Point(hours[0].at, total(hours))
        for _, group in groupby(points, key=lambda point: point.at.date())
        for hours in [list(group)]
    ]


def totals(window: Window, now: datetime, subject: str = SERVICE) -> Counts:
    """The sums over the window."""
    rows = window.table.objects.filter(subject=subject, at__gte=window.start(now), at__lte=now)
    sums = rows.aggregate(**{f"{column}_sum": Sum(column) for column in COLUMNS})
    return Counts.of(tuple(sums.values()))


class Asked(NamedTuple):
    """The requests of one user or key, and how many of them were refused for a limit, or failed by us."""

    requests: int = 0
    status_429: int = 0
    status_5xx: int = 0


def busy(subjects: Iterable[str], now: datetime, window: Window) -> dict[str, Asked]:
    """What each of these users or keys asked in the window; those without a request are left out."""
    rows = window.table.objects.filter(subject__in=list(subjects), at__gte=window.start(now), at__lte=now)
    sums = rows.values_list("subject").annotate(Sum("requests"), Sum("status_429"), Sum("status_5xx"))
    return {subject: Asked(*numbers) for subject, *numbers in sums}


def requests_of(subjects: Iterable[str], now: datetime, window: Window = DAY) -> dict[str, int]:
    """The requests of each of these users or keys in the window; those without one are left out."""
    rows = window.table.objects.filter(subject__in=list(subjects), at__gte=window.start(now), at__lte=now)
    return dict(rows.values_list("subject").annotate(Sum("requests")))


def add_requests(found: Iterable[Any], now: datetime) -> None:
    """Gives each user or key its requests of the last day, as `requests`."""
    known = requests_of([one.public_id for one in found], now)
    for one in found:
        one.requests = known.get(one.public_id, 0)
