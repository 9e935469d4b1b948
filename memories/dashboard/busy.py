"""Who is hammering the service."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from accounts.charts.units import number, share
from accounts.usage.busiest import Busy, Kind, Ranking, rankings
from accounts.usage.figures import busy
from accounts.usage.windows import Window

TITLES: dict[Kind, str] = {"user": "Users", "key": "API keys"}
NAMES: dict[Kind, str] = {"user": "E-mail", "key": "Name"}
PAGES: dict[Kind, str] = {"user": "admin:accounts_user_change", "key": "admin:accounts_apikey_change"}


@dataclass(frozen=True, slots=True)
class Row:
    """One of the busiest. `link` is its page, and None where it has been deleted."""

    label: str
    public_id: str
    link: str | None
    requests: str
    part: float
    share: str
    refused: str


@dataclass(frozen=True, slots=True)
class Table:
    """The busiest users or keys, the first first; `taken_at` is when they were ranked, None before the first time."""

    title: str
    kind: str
    rows: list[Row]
    taken_at: datetime | None


def tables(window: Window, now: datetime, total: int) -> list[Table]:
    """The users' and the keys', with their shares of all `total` requests. Four queries."""
    known = rankings()
    ranked: dict[Kind, Ranking | None] = {kind: known.get((window.name, kind)) for kind in TITLES}
    ids = [one.public_id for ranking in ranked.values() if ranking for one in ranking.busiest]
    # Who they are is as old as the ranking; how much they ask is counted now, as the total is.
    sums = busy(ids, now, window)
    return [table(kind, ranking, sums, total) for kind, ranking in ranked.items()]


def table(kind: Kind, ranking: Ranking | None, sums: Mapping[str, tuple[int, int]], total: int) -> Table:
    """One of them."""
    if ranking is None:
        return Table(TITLES[kind], NAMES[kind], [], None)
    first = sorted(ranking.busiest, key=lambda one: -sums.get(one.public_id, (0, 0))[0])
    return Table(TITLES[kind], NAMES[kind], list(rows(kind, first, sums, total)), ranking.taken_at)


def rows(
    kind: Kind, busiest: Iterable[Busy], sums: Mapping[str, tuple[int, int]], total: int
) -> Iterable[Row]:
    """Those that asked anything in the window as it is now."""
    for one in busiest:
        requests, refused = sums.get(one.public_id, (0, 0))
        if requests:
            part = requests / max(total, requests)
            link = None if one.pk is None else reverse(PAGES[kind], args=[one.pk])
            yield Row(
                one.label, one.public_id, link, number(requests), part * 100, share(part), number(refused)
            )
