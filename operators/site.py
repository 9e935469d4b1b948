"""The admin site: its pages, its log-in, and its sidebar."""

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any

from django.apps import apps
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path, reverse
from unfold.sites import UnfoldAdminSite

from accounts.audit import audited
from accounts.models import User
from operators.forget_page import forget_page
from operators.sign_in import LogIn, SignInView
from operators.usage_page import PERMISSION, usage_page
from operators.user_page import user_page


class StashAdminSite(UnfoldAdminSite):
    """Django's admin in unfold's theme, with limits on wrong log-ins, and sign-in links."""

    index_title = "Dashboard"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Adds the pages of one user, the usage page and the sign-in page to Django's."""
        return [
            path("users/<str:public_id>/", self.admin_view(partial(user_page, self)), name="user_page"),
            path(
                "users/<str:public_id>/forget/",
                self.admin_view(partial(forget_page, self)),
                name="user_forget",
            ),
            path("sign-in/<str:token>/", SignInView.as_view(site=self), name="sign_in"),
            path("usage/", self.admin_view(partial(usage_page, self)), name="usage"),
            *super().get_urls(),
        ]

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """Renders a 404 as a page of the admin, because the service's own is for programs."""

        def found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except Http404:
                context = self.each_context(request) | {"title": "Page not found"}
                return render(request, "admin/404.html", context, status=404)

        return super().admin_view(update_wrapper(found, view), cacheable)

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Shows the log-in page, or 429 after too many wrong log-ins."""
        if request.method != "POST":
            return super().login(request, extra_context)
        log_in = LogIn.of(request)
        if seconds := log_in.wait():
            context = self.each_context(request) | {"seconds": seconds}
            page = render(request, "admin/too_many_logins.html", context, status=429)
            page["Retry-After"] = str(seconds)
            return page
        response = super().login(request, extra_context)
        if response.status_code == 302:
            log_in.was_right(response)
        else:
            log_in.was_wrong()
        return response

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Lets operators change their own passwords, and records that in the audit log."""
        with audited(request, "password changed", User.objects.filter(pk=request.user.pk)):
            return super().password_change(request, extra_context)


site = StashAdminSite()

# Page, title and icon (of the Material Symbols that unfold ships), in the order in which operators need them.
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
    """Returns the sidebar's pages that this operator may see, for unfold."""
    items = [
        {"title": title, "icon": icon, "link": reverse(f"admin:{page}")}
        for page, title, icon in PAGES
        if is_visible(request, page)
    ]
    return [{"items": items}]


def is_visible(request: HttpRequest, page: str) -> bool:
    """Tells whether the operator may see the page."""
    if page == "index":
        return True
    if page == "usage":
        return request.user.has_perm(PERMISSION)
    app, model, _ = page.split("_")
    return site.get_model_admin(apps.get_model(app, model)).has_view_or_change_permission(request)
