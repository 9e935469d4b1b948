"""How often somebody may be wrong at the log-in page.

Counted by address, and by the name that was tried, whoever has it: many addresses may guess at one password. A name's
count is not held against a browser in which that name has logged in before (OWASP's "device cookies"): else
anybody could keep an operator out by being wrong for him. Such a browser has a count of its own.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core.signing import Signer
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, get_random_string
from django_ratelimit.core import get_usage

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
