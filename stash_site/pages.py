"""Django's middleware for the pages that people open; requests to the API pass it by.

An API request has no session, no cookie and no form, and would pay for each of these layers.
Subclasses rather than one switch, because the admin's system checks look for these classes.
"""

from functools import cached_property
from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.security import SecurityMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware

PAGES = ("/admin/", "/static/")
# A page that nobody logs in to.
PUBLIC_PAGES = ("/docs",)


class PagesOnly:
    """Mixed in before a Django middleware: it sees only requests for pages."""

    pages: tuple[str, ...] = PAGES
    get_response: Any

    @cached_property
    def past_pages(self) -> Any:
        """What comes after this layer and those below it that see no page but this one's: they are passed at once."""
        below = self.get_response
        while isinstance(layer := getattr(below, "__wrapped__", None), PagesOnly):
            if not set(layer.pages) <= set(self.pages):
                break
            below = layer.get_response
        return below

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(self.pages):
            return super().__call__(request)
        return self.past_pages(request)


# Nothing from elsewhere, no plug-ins, and no page in anybody's frame.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The admin's theme evaluates expressions in its templates, and sets styles in them.
ADMIN_POLICY = POLICY.replace("script-src 'self'", "script-src 'self' 'unsafe-eval'").replace(
    "style-src 'self'", "style-src 'self' 'unsafe-inline'"
)
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class PageSecurityMiddleware(PagesOnly, SecurityMiddleware):
    """Security headers on pages; a view's own policy stands."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Django's headers, and those that it leaves to others."""
        policy = ADMIN_POLICY if request.path_info.startswith("/admin/") else POLICY
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return super().process_response(request, response)

    pages = PAGES + PUBLIC_PAGES


class PageWhiteNoiseMiddleware(PagesOnly, WhiteNoiseMiddleware):
    """Static files."""


class PageSessionMiddleware(PagesOnly, SessionMiddleware):
    """Sessions of those who log in."""


class PageCsrfMiddleware(PagesOnly, CsrfViewMiddleware):
    """CSRF tokens of forms."""


class PageAuthenticationMiddleware(PagesOnly, AuthenticationMiddleware):
    """Who is logged in."""


class PageMessageMiddleware(PagesOnly, MessageMiddleware):
    """Messages from one page to the next."""


class PageFrameMiddleware(PagesOnly, XFrameOptionsMiddleware):
    """No page in anybody's frame."""

    pages = PAGES + PUBLIC_PAGES
