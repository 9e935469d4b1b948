"""Usage page of the admin: the service, one user or one key in a window of time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.usage.counts import Counts
from accounts.usage.figures import SERVICE, by_day, series, total
from accounts.usage.windows import DAY, HOUR, MONTH, Window
from operators.charts.units import number, size
from operators.charts.usage import BARS, SPOKEN, charts, time

PERMISSION = "accounts.view_usagehour"
WINDOWS = {window.name: window for window in (HOUR, DAY, MONTH)}
# A partial name offers at most this many matches.
MOST = 10
COLUMNS: Sequence[tuple[str, Callable[[Counts], str]]] = (
    ("Requests", lambda counts: number(counts.requests)),
    ("Stashes", lambda counts: number(counts.stashes)),
    ("Updates", lambda counts: number(counts.updates)),
    ("Forgets", lambda counts: number(counts.forgets)),
    ("Found", lambda counts: number(counts.recalls_found)),
    ("Expired", lambda counts: number(counts.recalls_expired)),
    ("Missing", lambda counts: number(counts.recalls_missing)),
    ("In", lambda counts: size(counts.bytes_in)),
    ("Out", lambda counts: size(counts.bytes_out)),
    ("429", lambda counts: number(counts.status_429)),
    ("Other 4xx", lambda counts: number(counts.status_4xx)),
    ("5xx", lambda counts: number(counts.status_5xx)),
    ("p50", lambda counts: time(counts.latency_ms(50))),
    ("p95", lambda counts: time(counts.latency_ms(95))),
)


@dataclass(frozen=True, slots=True)
class Subject:
    """A user or key; `link` is its page, or None if it has been deleted."""

    public_id: str
    label: str
    link: str | None = None


def window_of(request: HttpRequest) -> Window:
    """Returns the window of the request: the last hour unless it names another."""
    return WINDOWS.get(request.GET.get("window", ""), HOUR)


def choices(chosen: Window) -> list[tuple[str, str, bool]]:
    """Returns the choices for templates/charts/windows.html."""
    return [(name, SPOKEN[name], name == chosen.name) for name in WINDOWS]


def usage_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """Shows usage: `?who=` an e-mail, `usr_...`, `key_...` or a key's name, `&window=hour|day|month`."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    who, window, now = request.GET.get("who", "").strip(), window_of(request), timezone.now()
    found = subjects(who)
    subject = found[0] if len(found) == 1 else None
    context = site.each_context(request) | {
        "title": "Usage",
        "who": who,
        "windows": choices(window),
        "query": urlencode({"who": who}),
        "subject": subject,
        "found": found if subject is None else [],
    }
    if subject is not None or not who:
        points = series(window, now, subject.public_id if subject else SERVICE)
        bars = by_day(points) if window is MONTH else points
        context |= {
            "now": now,
            "spoken": SPOKEN[window.name],
            "every": BARS[window.name],
            "charts": charts(points, window),
            "columns": [name for name, _ in COLUMNS],
            "sums": row(total(points)),
            "rows": [(bar.at, row(bar.counts)) for bar in reversed(bars) if bar.counts.requests],
        }
    return render(request, "admin/usage.html", context)


def row(counts: Counts) -> list[str]:
    """Returns a row of the table."""
    return [said(counts) for _, said in COLUMNS]


def subjects(who: str) -> Sequence[Subject]:
    """Returns the user or key that `who` names, else a few whose e-mail or name contains it."""
    if not who:
        return []
    if who.startswith(("usr_", "key_")):
        exact = [*users(public_id=who), *keys(public_id=who)]
        return exact or [Subject(who, who)]
    return [*users(email__iexact=who)] or [*users(email__icontains=who), *keys(name__icontains=who)][:MOST]


def users(**filters: Any) -> list[Subject]:
    """Returns the matches as subjects."""
    found = User.objects.filter(**filters)[:MOST]
    return [
        Subject(user.public_id, user.email, reverse("admin:accounts_user_change", args=[user.pk]))
        for user in found
    ]


def keys(**filters: Any) -> list[Subject]:
    """Returns the matches as subjects."""
    found = ApiKey.objects.filter(**filters).select_related("user")[:MOST]
    return [
        Subject(
            key.public_id, f"{key}, of {key.user}", reverse("admin:accounts_apikey_change", args=[key.pk])
        )
        for key in found
    ]
