"""The admin's first page."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone

from accounts.usage.figures import series, total
from operators.charts.usage import SPOKEN, charts
from operators.dashboard import busy
from operators.dashboard.alarms import alarms
from operators.dashboard.purges import purge_rows
from operators.dashboard.storage import pool_rows
from operators.dashboard.tiles import tiles
from operators.dashboard.work import works
from operators.usage_page import PERMISSION, choices, window_of
from storage.models import PurgeRun

PURGES = 5


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What templates/admin/index.html shows, for those who may see usage. Eleven queries in hosted mode at
    most, and one for each pool that is down."""
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
