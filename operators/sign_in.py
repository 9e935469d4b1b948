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
    """One try."""

    request: HttpRequest
    name: str

    @classmethod
    def of(cls, request: HttpRequest) -> "LogIn":
        """What the form says."""
        return cls(request, request.POST.get("username", "").strip().lower()[:254])

    def wait(self) -> int:
        """Seconds until it may be tried; 0: now. (Tries that are made at once may pass together, one a thread.)"""
        return max(self._left(*limit) for limit in self._limits())

    def was_wrong(self) -> None:
        """Counts it."""
        for limit in self._limits():
            self._usage(*limit, increment=True)

    def was_right(self, response: HttpResponse) -> None:
        """The browser is known from now on."""
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
        """The number of a browser in which this name has logged in before."""
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
        # django-ratelimit knows addresses: of IPv6, a whole network of 64 bits is one.
        key = "ip" if value is None else lambda *_: value
        return get_usage(self.request, group=group, key=key, rate=rate, increment=increment)


def signature(number: str, name: str) -> str:
    """What only this service can write for a browser and a name; neither can be told from it."""
    return Signer(salt="accounts.log_in_limits").signature(f"{number}:{name}")


log = logging.getLogger("stash.audit")


@method_decorator(never_cache, name="dispatch")
class SignInView(View):
    """Opening the link shows a button, and pressing that signs in.

    What fetches links ahead of people (browsers, chats, scanners of mail) would otherwise use it up for them.
    """

    http_method_names = ["get", "head", "post"]
    # The site whose look the page has; `as_view` sets it.
    site: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """In local mode alone. Raises Http404."""
        if settings.HOSTED:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """The button, or the sentence that the link is not good any more."""
        link = SignInLink.good(token, timezone.now())
        return page(self.site, request, None if link is None else link.user.email)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Signs in, and uses the link up."""
        user = SignInLink.redeem(token, timezone.now())
        if user is None:
            return page(self.site, request, None)
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        fields = {"user_id": user.public_id, "address": request.META.get("REMOTE_ADDR")}
        log.info("operator_signed_in", extra={"fields": fields})
        return HttpResponseRedirect(reverse("admin:index"))


def page(site: AdminSite, request: HttpRequest, email: str | None) -> HttpResponse:
    """For the one whom the link signs in, or 410 for nobody."""
    context = {**site.each_context(request), "title": "Sign in", "email": email}
    return render(request, "admin/sign_in.html", context, status=410 if email is None else 200)
