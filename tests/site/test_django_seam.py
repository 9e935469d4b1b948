"""The handler of WSGI requests answers as Django's own does."""

import io
import sys
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse

from stash_site.django_seam import Handler

pytestmark = pytest.mark.django_db

PATHS = [
    "/recall/x",
    "/stash",
    "/health/live",
    "/nothing",
    "/",
    "/openapi.json",
    "/llms.txt",
    "/docs",
    "/metrics",
    "xstash",
    "stash",
    "*",
    "",
]


def asked(handler: WSGIHandler, path: str, method: str = "GET") -> tuple[str, list[tuple[str, str]], bytes]:
    """What a server would get of it; request ids, cookies and nonces differ from one request to the next."""
    begun: list[Any] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "RAW_URI": path,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
        "HTTP_X_REQUEST_ID": "one",
    }
    response: Any = handler(environ, lambda *head: begun.append(head))
    body = b"".join(response)
    response.close()
    [(status, headers)] = begun
    return status, headers, body


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_the_api_answers_as_it_does_through_djangos(path: str, method: str) -> None:
    assert asked(Handler(), path, method) == asked(WSGIHandler(), path, method)


def test_a_page_keeps_its_cookies() -> None:
    status, headers, _ = asked(Handler(), "/admin/login/")

    assert status == "200 OK"
    assert any(name == "Set-Cookie" and "csrftoken=" in value for name, value in headers)


def test_a_form_without_its_token_is_refused() -> None:
    assert asked(Handler(), "/admin/login/", "POST")[0].startswith("403")


class Hook:
    """A third party's middleware with a hook for views."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> HttpResponse:
        """Answers in the view's place."""
        return HttpResponse("hooked")


def test_nobodys_view_hook_is_skipped(settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Hook"]

    assert asked(Handler(), "/recall/x")[2] == b"hooked"


def test_the_pages_own_hooks_are_none_of_the_apis() -> None:
    assert not Handler().has_view_hooks
