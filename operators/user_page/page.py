"""The page of one user."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.usage.figures import series
from operators.admin.requests import add_requests
from operators.charts.units import number
from operators.charts.usage import SPOKEN, charts
from operators.site import site
from operators.usage_page import choices, window_of
from operators.user_page.live import live

PERMISSIONS = ("accounts.view_user", "accounts.view_apikey", "accounts.view_usagehour")
# The newest keys; the list of API keys has them all.
KEYS = 50


def user_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """`?window=hour|day|month` for the charts, `&page=` a cursor for the memories; to be read."""
    if not request.user.has_perms(PERMISSIONS):
        raise PermissionDenied
    user = user_of(public_id)
    now, window, cursor = timezone.now(), window_of(request), request.GET.get("page") or None
    keys = list(newest_keys(user))
    add_requests(keys)
    context = frame(request, user, user.email) | {
        "now": now,
        "spoken": SPOKEN[window.name],
        "window": window.name,
        "windows": choices(window),
        "query": urlencode({"page": cursor}) if cursor else "",
        "charts": charts(series(window, now, user.public_id), window),
        "keys": [(key, key.state(now), number(key.requests)) for key in keys[:KEYS]],
        "more_keys": len(keys) > KEYS,
        "live": live(user, cursor),
        "cursor": cursor,
        "may_forget": may_change(request, user),
    }
    return render(request, "admin/user/page.html", context)


def user_of(public_id: str) -> User:
    """The user, with its tier. Raises Http404."""
    return get_object_or_404(User.objects.select_related("tier"), public_id=public_id)


def newest_keys(user: User) -> QuerySet[ApiKey]:
    """One more than are shown."""
    return user.keys.order_by("-created_at", "-pk")[: KEYS + 1]


def may_change(request: HttpRequest, user: User) -> bool:
    """Whether the operator may change this very user: what the admin of users says."""
    return site.get_model_admin(User).has_change_permission(request, user)


def frame(request: HttpRequest, user: User, title: str) -> dict[str, Any]:
    """What the templates of both pages need."""
    return site.each_context(request) | {
        "title": title,
        "user_shown": user,
        "link": reverse("admin:user_page", args=[user.public_id]),
    }
