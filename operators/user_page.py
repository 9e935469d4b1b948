"""The page of one user: keys, usage, and live memories without their contents."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.placement import Placement
from accounts.usage.figures import add_requests, series
from operators.charts.units import lasting, number, size
from operators.charts.usage import SPOKEN, charts
from operators.usage_page import choices, window_of
from stash_memory.errors import StashError
from stash_memory.operations import ListPage
from stash_memory.store import Store
from stash_memory.times import instant
from storage.store import single_store, store_of


def store_of_user(user: User) -> Store:
    """Returns the store over all pools that may hold the user's memories. Raises StoreUnavailable.

    It needs no key, and spends none of the user's tokens.
    """
    moves = list(user.moves.values_list("pool", "at"))
    placement = Placement.made(user.public_id, user.tier.pool, moves, time.monotonic())
    return single_store() or store_of(placement)


# Memories on one page.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One memory; `left` is its remaining life, in words."""

    id: str
    size: str
    expires_at: datetime
    left: str


@dataclass(frozen=True, slots=True)
class Live:
    """A page of memories. `count` and `bytes` cover all pages; `cursor` is that of the next one, or None.

    If the store fails, `fault` is a sentence, and the rest is empty.
    """

    lines: Sequence[Line] = ()
    count: str = ""
    bytes: str = ""
    cursor: str | None = None
    fault: str = ""


def live(user: User, cursor: str | None) -> Live:
    """Returns the page of memories after the cursor of the page before."""
    try:
        store = store_of_user(user)
        page = store.do(user.public_id, ListPage("", cursor, SHOWN), user.limits)
        totals = store.totals(user.public_id)
    except StashError as error:
        return Live(fault=error.detail)
    lines = [
        Line(
            entry.id,
            size(entry.size),
            instant(entry.expires_at_ms),
            lasting(timedelta(milliseconds=entry.remaining_ms)),
        )
        for entry in page.entries
    ]
    return Live(lines, number(totals.memories), size(totals.bytes), page.cursor)


PERMISSIONS = ("accounts.view_user", "accounts.view_apikey", "accounts.view_usagehour")
# The newest keys; the list of API keys has them all.
KEYS = 50


def user_page(site: AdminSite, request: HttpRequest, public_id: str) -> HttpResponse:
    """Shows a user: `?window=hour|day|month` for the charts, `&page=` a cursor for the memories."""
    if not request.user.has_perms(PERMISSIONS):
        raise PermissionDenied
    user = user_of(public_id)
    now, window, cursor = timezone.now(), window_of(request), request.GET.get("page") or None
    keys = list(newest_keys(user))
    add_requests(keys, now)
    context = frame(site, request, user, user.email) | {
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
        "may_forget": may_change(site, request, user),
    }
    return render(request, "admin/user/page.html", context)


def user_of(public_id: str) -> User:
    """Returns the user with its tier. Raises Http404."""
    return get_object_or_404(User.objects.select_related("tier"), public_id=public_id)


def newest_keys(user: User) -> QuerySet[ApiKey]:
    """Returns one key more than the page shows."""
    return user.keys.order_by("-created_at", "-pk")[: KEYS + 1]


def may_change(site: AdminSite, request: HttpRequest, user: User) -> bool:
    """Tells whether the operator may change this user, as the admin of users decides."""
    return site.get_model_admin(User).has_change_permission(request, user)


def frame(site: AdminSite, request: HttpRequest, user: User, title: str) -> dict[str, Any]:
    """Returns the context that the templates of both user pages share."""
    return site.each_context(request) | {
        "title": title,
        "user_shown": user,
        "link": reverse("admin:user_page", args=[user.public_id]),
    }
