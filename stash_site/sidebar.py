"""The admin's sidebar: its pages in the order in which operators need them."""

from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse

from accounts.admin_site import site

# The model's label, what it is called, and its icon (of the Material Symbols that unfold ships).
PAGES = (
    ("accounts.User", "Users", "group"),
    ("accounts.ApiKey", "API keys", "key"),
    ("accounts.Tier", "Tiers", "layers"),
    ("memories.PurgeRun", "Purge runs", "mop"),
    ("accounts.PoolMove", "Pool moves", "move_down"),
    ("accounts.AuditEntry", "Audit log", "history"),
)


def sections(request: HttpRequest) -> list[dict[str, Any]]:
    """What unfold shows in the sidebar, for whoever asks: pages that they may not see are left out."""
    dashboard = {"title": "Dashboard", "icon": "monitoring", "link": reverse("admin:index")}
    pages = [page(label, title, icon) for label, title, icon in PAGES if visible(request, label)]
    return [{"items": [dashboard, *pages]}]


def visible(request: HttpRequest, label: str) -> bool:
    """Whether they may see the model's pages."""
    model = apps.get_model(label)
    return site.is_registered(model) and site.get_model_admin(model).has_view_or_change_permission(request)


def page(label: str, title: str, icon: str) -> dict[str, Any]:
    """The entry of a model's list."""
    name = label.lower().replace(".", "_")
    return {"title": title, "icon": icon, "link": reverse(f"admin:{name}_changelist")}
