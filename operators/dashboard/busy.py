"""The busiest users and keys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from accounts.usage.busiest import WINDOWS, Busy, Kind, Ranking, rankings
from accounts.usage.figures import SERVICE, Asked, busy
from accounts.usage.windows import NOW, Window
from operators.charts.units import number, share
from operators.charts.usage import SPOKEN

TITLES: dict[Kind, str] = {"user": "Users", "key": "API keys"}
NAMES: dict[Kind, str] = {"user": "E-mail", "key": "Name"}
PAGES: dict[Kind, str] = {"user": "admin:accounts_user_change", "key": "admin:accounts_apikey_change"}
NOTHING = Asked()


@dataclass(frozen=True, slots=True)
class Row:
    """One of the busiest; `link` is its page, or None if it has been deleted."""

    label: str
    public_id: str
    link: str | None
    requests: str
    part: float
    share: str
    refused: str
    failed: str


@dataclass(frozen=True, slots=True)
class Table:
    """The busiest users or keys, in order; `taken_at` is the time of the ranking, or None before the first."""

    title: str
    kind: str
    rows: list[Row]
    taken_at: datetime | None


def window_of(request: HttpRequest) -> Window:
    """Returns the window chosen for the busiest, or else for the page; the last five minutes if there is none."""
    chosen = request.GET.get("busiest", request.GET.get("window", ""))
    return next((window for window in WINDOWS if window.name == chosen), NOW)


def choices(chosen: Window) -> list[tuple[str, str, bool]]:
    """Returns the choices for templates/charts/windows.html."""
    return [(window.name, SPOKEN[window.name], window is chosen) for window in WINDOWS]


def tables(window: Window, now: datetime) -> list[Table]:
    """Returns both tables with shares of all requests. Takes four queries, or six for the last five minutes."""
    known = rankings(window, now)
    ids = [one.public_id for ranking in known.values() for one in ranking.busiest]
    # The ranking tells who they are; their requests are counted now.
    sums = busy([SERVICE, *ids], now, window)
    return [table(kind, known.get(kind), sums) for kind in TITLES]


def table(kind: Kind, ranking: Ranking | None, sums: Mapping[str, Asked]) -> Table:
    """Returns the table of one kind."""
    if ranking is None:
        return Table(TITLES[kind], NAMES[kind], [], None)
    first = sorted(ranking.busiest, key=lambda one: -sums.get(one.public_id, NOTHING).requests)
    return Table(TITLES[kind], NAMES[kind], list(rows(kind, first, sums)), ranking.taken_at)


def rows(kind: Kind, busiest: Iterable[Busy], sums: Mapping[str, Asked]) -> Iterable[Row]:
    """Yields those with requests in the window as it is now."""
    total = sums.get(SERVICE, NOTHING).requests
    for one in busiest:
        asked = sums.get(one.public_id, NOTHING)
        if asked.requests:
            part = asked.requests / max(total, asked.requests)
            link = None if one.pk is None else reverse(PAGES[kind], args=[one.pk])
            yield Row(
                one.label,
                one.public_id,
                link,
                number(asked.requests),
                part * 100,
                share(part),
                number(asked.status_429),
                number(asked.status_5xx),
            )
