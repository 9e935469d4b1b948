"""The operators' admin."""

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, path
from unfold.sites import UnfoldAdminSite

from accounts.audit import audited
from accounts.models import User
from operators.log_in_limits import LogIn
from operators.sign_in import SignInView
from operators.usage_page import usage_page


class StashAdminSite(UnfoldAdminSite):
    """Django's admin in unfold's clothes, with limits on wrong log-ins, and sign-in links."""

    index_title = "Dashboard"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # Pages of apps that stand above this one, which add them when Django looks for their admin modules.
        self.pages: list[URLPattern] = []

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's, the page of usage, the one behind a sign-in link, and those that other apps added."""
        return [
            *self.pages,
            path("sign-in/<str:token>/", SignInView.as_view(), name="sign_in"),
            path("usage/", self.admin_view(partial(usage_page, self)), name="usage"),
            *super().get_urls(),
        ]

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        """What an operator does not find is told on a page of the admin: the site's own answer is for programs."""

        def found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except Http404:
                context = self.each_context(request) | {"title": "Page not found"}
                return render(request, "admin/404.html", context, status=404)

        return super().admin_view(update_wrapper(found, view), cacheable)

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """The log-in page; 429 after too many that were wrong."""
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
        """The page on which operators change their own passwords."""
        with audited(request, "password changed", User.objects.filter(pk=request.user.pk)):
            return super().password_change(request, extra_context)


site = StashAdminSite()
