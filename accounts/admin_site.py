"""The operators' admin."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_ratelimit.core import get_usage
from unfold.sites import UnfoldAdminSite

from accounts.audit import audited
from accounts.models import User

LOGIN_RATE = "10/m"


class StashAdminSite(UnfoldAdminSite):
    """Django's admin in unfold's clothes, with a limit on log-ins by address."""

    index_title = "Dashboard"

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """The log-in page; 429 after ten tries within a minute from one address."""
        if request.method == "POST":
            usage = get_usage(request, group="admin-login", key="ip", rate=LOGIN_RATE, increment=True)
            if usage is not None and usage["should_limit"]:
                context = self.each_context(request) | {"seconds": usage["time_left"]}
                page = render(request, "admin/too_many_logins.html", context, status=429)
                page["Retry-After"] = str(usage["time_left"])
                return page
        return super().login(request, extra_context)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """The page on which operators change their own passwords."""
        with audited(request, "password changed", User.objects.filter(pk=request.user.pk)):
            return super().password_change(request, extra_context)


site = StashAdminSite()
