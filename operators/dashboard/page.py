"""The admin's first page, and the tiles at its top."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone

from accounts.usage.counts import Counts
from accounts.usage.figures import series, total
from accounts.usage.windows import Window
from operators.charts.units import lasting, number, several, share, size
from operators.charts.usage import SPOKEN, charts, time
from operators.dashboard import busy
from operators.dashboard.pools import alarms, pool_rows
from operators.dashboard.upkeep import purge_rows, works
from operators.usage_page import PERMISSION, choices, window_of
from storage.models import PurgeRun

SOON = "counted within a minute"
# A figure gets a color from these shares on.
NOTABLE_429, NOTABLE_5XX = 0.05, 0.001


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure with a note below it; `tone` is its color if it needs attention."""

    name: str
    figure: str
    aside: str
    tone: str = ""


def tiles(sums: Counts, window: Window, snapshot: PurgeRun | None, now: datetime) -> list[Tile]:
    """Returns the tiles of all requests in the window, and of live memories."""
    minutes = max(1.0, (now - window.start(now)).total_seconds() / 60)
    refused, failed = sums.share(sums.status_429), sums.share(sums.status_5xx)
    found = f"{share(sums.recalls_found / sums.recalls)} found" if sums.recalls else "no recalls"
    return [
        Tile("Requests a minute", number(sums.requests / minutes), f"{number(sums.requests)} in all"),
        Tile(
            "429, over a limit",
            share(refused),
            several(sums.status_429, "request"),
            "warn" if refused >= NOTABLE_429 else "",
        ),
        Tile(
            "5xx, our faults",
            share(failed),
            several(sums.status_5xx, "request"),
            "bad" if failed >= NOTABLE_5XX else "",
        ),
        Tile("Latency, p50", time(sums.latency_ms(50)), f"p95 {time(sums.latency_ms(95))}"),
        Tile("Stashes", number(sums.stashes), several(sums.updates, "update")),
        Tile("Recalls", number(sums.recalls), found),
        Tile(
            "Live memories",
            number(snapshot.live_memories) if snapshot else "-",
            counted(snapshot, now) if snapshot else SOON,
            "warn" if snapshot and snapshot.without else "",
        ),
    ]


def counted(snapshot: PurgeRun, now: datetime) -> str:
    """Words the live bytes, the age of the count, and the pools that it leaves out."""
    age = f"{size(snapshot.live_bytes)}, {lasting(now - snapshot.finished_at)} ago"
    return f"{age}, {snapshot.without}" if snapshot.without else age


PURGES = 5


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fills the context of templates/admin/index.html for operators who may see usage.

    Takes at most eleven queries in hosted mode, and one for each pool that is down.
    """
    if not request.user.has_perm(PERMISSION):
        return context
    now, window, busiest = timezone.now(), window_of(request), busy.window_of(request)
    points = series(window, now)
    sums = total(points)
    purges = list(PurgeRun.objects.all()[:PURGES])
    last = purges[0] if purges else None
    pools = pool_rows(last, now)
    return context | {
        "dashboard": {
            "now": now,
            "window": SPOKEN[window.name],
            "windows": choices(window),
            "fresh": not sums.requests,
            "tiles": tiles(sums, window, last, now),
            "charts": charts(points, window),
            "busiest": busy.tables(busiest, now),
            "busiest_window": SPOKEN[busiest.name],
            "busiest_windows": busy.choices(busiest),
            "query": urlencode({"window": window.name}),
            "pools": pools,
            "alarms": alarms(pools, now),
            "works": works(last, now),
            "purges": purge_rows(purges),
        }
    }
