"""The busiest users and keys.

Finding them reads every row of a window (30 days of 100,000 users are millions of them), so it is done by the
roll-up and not while an operator waits; the pages read the lists that it left, and say how old they are.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Sum

from accounts.models import ApiKey, Busiest, User
from accounts.usage.windows import DAY, HOUR, MONTH, Window

Kind = Literal["user", "key"]

HOW_MANY = 10
WINDOWS = (HOUR, DAY, MONTH)
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
    rows = window.table.objects.filter(
        subject__startswith=PREFIXES[kind], at__gte=window.start(now), at__lte=now
    )
    sums = rows.values_list("subject").annotate(sum=Sum("requests")).order_by("-sum", "subject")
    ranking = list(sums[:HOW_MANY])
    took_ms = round((time.monotonic() - began) * 1000)
    Busiest.objects.update_or_create(
        window=window.name, kind=kind, defaults={"ranking": ranking, "taken_at": now, "took_ms": took_ms}
    )


def rankings() -> dict[tuple[str, Kind], Ranking]:
    """All lists, by window ("hour", "day", "month") and kind; none before the first roll-up. Three queries."""
    found = list(Busiest.objects.all())
    known: dict[str, tuple[str, int]] = {}
    for kind, model in MODELS.items():
        ids = {public_id for one in found if one.kind == kind for public_id, _ in one.ranking}
        for named in model.objects.filter(public_id__in=ids):
            known[named.public_id] = (str(named), named.pk)
    return {
        (one.window, one.kind): Ranking(
            [
                Busy(public_id, *known.get(public_id, (public_id, None)), requests=requests)
                for public_id, requests in one.ranking
            ],
            one.taken_at,
        )
        for one in found
    }
