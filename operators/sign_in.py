"""Ways into the admin: limits on wrong log-ins, and the page behind a sign-in link."""

import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import login
from django.core.signing import Signer
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, get_random_string
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django_ratelimit.core import get_usage

from accounts.models import SignInLink

BY_ADDRESS = "10/m"
BY_NAME = "10/5m"
COOKIE = "stash_known_browser"
COOKIE_SECONDS = 90 * 86_400


@dataclass(frozen=True, slots=True)
class LogIn:
    """One attempt to log in.

    Counts by address, and by the name that was tried, because many addresses may guess at one password. A browser in
    which the name has logged in before has a count of its own (OWASP's "device cookies"): otherwise anybody could
    lock an operator out by being wrong for him.
    """

    request: HttpRequest
    name: str

    @classmethod
    def of(cls, request: HttpRequest) -> "LogIn":
        """Returns the attempt that the form makes."""
        return cls(request, request.POST.get("username", "").strip().lower()[:254])

    def wait(self) -> int:
        """Returns seconds until the next attempt is allowed, 0 for now. Simultaneous attempts may all pass."""
        return max(self._left(*limit) for limit in self._limits())

    def was_wrong(self) -> None:
        """Counts a wrong log-in."""
        for limit in self._limits():
            self._usage(*limit, increment=True)

    def was_right(self, response: HttpResponse) -> None:
        """Marks the browser as known, with a signed cookie."""
        number = get_random_string(22)
        response.set_cookie(
            COOKIE,
            f"{number}:{signature(number, self.name)}",
            max_age=COOKIE_SECONDS,
            path="/admin/",
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )

    def known_browser(self) -> str | None:
        """Returns the browser's number if this name has logged in from it before, else None."""
        number, _, signed = self.request.COOKIES.get(COOKIE, "").partition(":")
        return number if number and constant_time_compare(signed, signature(number, self.name)) else None

    def _limits(self) -> list[tuple[str, str | None, str]]:
        known = self.known_browser()
        address = ("log-in address", None, BY_ADDRESS)
        return [address, ("log-in browser", known, BY_NAME) if known else ("log-in name", self.name, BY_NAME)]

    def _left(self, group: str, value: str | None, rate: str) -> int:
        usage = self._usage(group, value, rate, increment=False)
        return max(1, usage["time_left"]) if usage["count"] >= usage["limit"] else 0

    def _usage(self, group: str, value: str | None, rate: str, *, increment: bool) -> dict[str, int]:
        # django-ratelimit takes an IPv6 network of 64 bits for one address.
        key = "ip" if value is None else lambda *_: value
        return get_usage(self.request, group=group, key=key, rate=rate, increment=increment)


def signature(number: str, name: str) -> str:
    """Signs a browser's number and a name; reveals neither.

    The salt keeps its old name, so that known browsers stay known.
    """
    return Signer(salt="accounts.log_in_limits").signature(f"{number}:{name}")


log = logging.getLogger("stash.audit")


@method_decorator(never_cache, name="dispatch")
class SignInView(View):
    """Shows a button behind the link, and signs in when it is pressed.

    Browsers, chats and mail scanners prefetch links, and would use up one that signs in at once.
    """

    http_method_names = ["get", "head", "post"]
    # The admin site that renders the page; `as_view` sets it.
    site: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Raises Http404 except in local mode."""
        if settings.HOSTED:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Shows the button, or that the link is no longer valid."""
        link = SignInLink.good(token, timezone.now())
        return page(self.site, request, None if link is None else link.user.email)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Signs in, and uses up the link."""
        user = SignInLink.redeem(token, timezone.now())
        if user is None:
            return page(self.site, request, None)
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        fields = {"user_id": user.public_id, "address": request.META.get("REMOTE_ADDR")}
        log.info("operator_signed_in", extra={"fields": fields})
        return HttpResponseRedirect(reverse("admin:index"))


def page(site: AdminSite, request: HttpRequest, email: str | None) -> HttpResponse:
    """Renders the page for the user behind the link, or 410 if there is none."""
    context = {**site.each_context(request), "title": "Sign in", "email": email}
    return render(request, "admin/sign_in.html", context, status=410 if email is None else 200)
