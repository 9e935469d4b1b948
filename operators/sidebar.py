"""The admin's sidebar: its pages in the order in which operators need them."""

from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse

from operators.site import site
from operators.usage_page import PERMISSION

# The page, what it is called, and its icon (of the Material Symbols that unfold ships).
PAGES = (
    ("index", "Dashboard", "monitoring"),
    ("accounts_user_changelist", "Users", "group"),
    ("accounts_apikey_changelist", "API keys", "key"),
    ("accounts_tier_changelist", "Tiers", "layers"),
    ("usage", "Usage", "bar_chart"),
    ("memories_purgerun_changelist", "Purge runs", "mop"),
    ("accounts_poolmove_changelist", "Pool moves", "move_down"),
    ("accounts_auditentry_changelist", "Audit log", "history"),
)


def sections(request: HttpRequest) -> list[dict[str, Any]]:
    """What unfold shows in the sidebar, for whoever asks: pages that they may not see are left out."""
    items = [
        {"title": title, "icon": icon, "link": reverse(f"admin:{page}")}
        for page, title, icon in PAGES
        if visible(request, page)
    ]
    return [{"items": items}]


def visible(request: HttpRequest, page: str) -> bool:
    """Whether they may see the page."""
    if page == "index":
        return True
    if page == "usage":
        return request.user.has_perm(PERMISSION)
    app, model, _ = page.split("_")
    return site.get_model_admin(apps.get_model(app, model)).has_view_or_change_permission(request)
