"""Django's middleware for the pages that people open; requests to the API pass it by.

An API request has no session, no cookie and no form, and would pay for each of these layers.
Subclasses rather than one switch, because the admin's system checks look for these classes.
"""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
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

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(self.pages):
            return super().__call__(request)
        return self.get_response(request)


class PageSecurityMiddleware(PagesOnly, SecurityMiddleware):
    """Security headers on pages."""

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
