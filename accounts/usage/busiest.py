"""The busiest users and keys.

Finding them reads every row of a window (30 days of 100,000 users are millions of them), so it is done by the
roll-up and not while an operator waits; the pages read the lists that it left, and say how old they are. Only the last
five minutes are ranked for the page itself, as long as they are of few enough: who floods the service is seen at once.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import QuerySet, Sum

from accounts.models import ApiKey, Busiest, UsageHour, UsageMinute, User
from accounts.usage.windows import DAY, HOUR, MONTH, NOW, Window

Kind = Literal["user", "key"]

HOW_MANY = 10
WINDOWS = (NOW, HOUR, DAY, MONTH)
# A page ranks so many rows itself, within some 50 ms; more of them are left to the roll-up. A user with one key has two
# rows in each minute in which it asks.
AT_ONCE = 50_000
# How the public ids of each kind begin.
PREFIXES: dict[Kind, str] = {"user": "usr_", "key": "key_"}
MODELS: dict[Kind, type[User] | type[ApiKey]] = {"user": User, "key": ApiKey}
# A list is made anew when it is older than so many times what it took to make: that costs a core 1 % at most, and
# where there are few users every list is as old as the last roll-up.
PATIENCE = 100


@dataclass(frozen=True, slots=True)
class Busy:
    """A user or key of a list. `label` is its e-mail or name, or its id where it has been deleted; `pk` then None."""

    public_id: str
    label: str
    pk: int | None
    requests: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """The busiest of one kind in one window, the first first, as they were at `taken_at`."""

    busiest: list[Busy]
    taken_at: datetime


def rank(now: datetime) -> None:
    """Makes the lists anew that are due."""
    known = {(old.window, old.kind): old for old in Busiest.objects.all()}
    for window in WINDOWS:
        for kind in PREFIXES:
            old = known.get((window.name, kind))
            if old is None or now - old.taken_at >= PATIENCE * timedelta(milliseconds=old.took_ms):
                make(window, kind, now)


def make(window: Window, kind: Kind, now: datetime) -> None:
    """One list."""
    began = time.monotonic()
    ranking = found(window, kind, now)
    took_ms = round((time.monotonic() - began) * 1000)
    Busiest.objects.update_or_create(
        window=window.name, kind=kind, defaults={"ranking": ranking, "taken_at": now, "took_ms": took_ms}
    )


def found(window: Window, kind: Kind, now: datetime) -> list[tuple[str, int]]:
    """The public ids of the busiest, with their requests."""
    rows = rows_of(window, now).filter(subject__startswith=PREFIXES[kind])
    sums = rows.values_list("subject").annotate(sum=Sum("requests")).order_by("-sum", "subject")
    return list(sums[:HOW_MANY])


def rows_of(window: Window, now: datetime) -> QuerySet[UsageMinute] | QuerySet[UsageHour]:
    """All rows of the window."""
    return window.table.objects.filter(at__gte=window.start(now), at__lte=now)


def rankings(window: Window, now: datetime) -> dict[Kind, Ranking]:
    """Both lists of a window; none before the first roll-up, but for `NOW`. Three queries, or five."""
    lists = ranked_now(now) if window is NOW else None
    if lists is None:
        kept = Busiest.objects.filter(window=window.name)
        lists = {kind: (old.ranking, old.taken_at) for kind in PREFIXES for old in kept if old.kind == kind}
    return {kind: Ranking(named(kind, ranking), taken_at) for kind, (ranking, taken_at) in lists.items()}


def ranked_now(now: datetime) -> dict[Kind, tuple[list[tuple[str, int]], datetime]] | None:
    """Both lists of the last minutes; None where they have more rows than an operator could wait for."""
    if rows_of(NOW, now)[AT_ONCE : AT_ONCE + 1].exists():
        return None
    return {kind: (found(NOW, kind, now), now) for kind in PREFIXES}


def named(kind: Kind, ranking: list[tuple[str, int]]) -> list[Busy]:
    """With what people call them. One query."""
    users_or_keys = MODELS[kind].objects.filter(public_id__in=[public_id for public_id, _ in ranking])
    known: dict[str, tuple[str, int]] = {one.public_id: (str(one), one.pk) for one in users_or_keys}
    return [
        Busy(public_id, *known.get(public_id, (public_id, None)), requests=requests)
        for public_id, requests in ranking
    ]
