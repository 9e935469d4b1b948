"""The pages have Django's protection; the API's answers have none of its cookies."""

import pytest
from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.security import SecurityMiddleware
from django.test import Client
from django.utils.module_loading import import_string

from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "kind", [SecurityMiddleware, SessionMiddleware, CsrfViewMiddleware, XFrameOptionsMiddleware]
)
def test_each_of_djangos_layers_is_there(kind: type) -> None:
    layers = [import_string(name) for name in settings.MIDDLEWARE]

    assert any(issubclass(layer, kind) for layer in layers)


def test_a_page_is_kept_out_of_frames_and_sniffers() -> None:
    page = Client().get("/admin/login/")

    assert page.status_code == 200
    assert page["X-Frame-Options"] == "DENY"
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["Referrer-Policy"] == "same-origin"
    assert page["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing_that_was_written_into_it() -> None:
    page = Client().get("/admin/login/")

    policy = dict(part.split(" ", 1) for part in page["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == "'self' 'unsafe-eval'", "the admin's theme needs the second"
    assert policy["form-action"] == policy["connect-src"] == "'self'"
    assert "camera=()" in page["Permissions-Policy"]
    styles = Client().get("/static/admin/css/base.css")
    assert "unsafe" not in styles["Content-Security-Policy"]
    styles.close()


def test_every_html_page_has_its_policies() -> None:
    operator, client = Client(), Client()
    operator.force_login(User.objects.create_superuser("ops@example.com", "a long passphrase"))
    paths = [
        "",
        "accounts/user/",
        "accounts/user/add/",
        "accounts/tier/free/change/",
        "accounts/poolmove/",
        "x/",
    ]
    pages = [operator.get(f"/admin/{path}") for path in paths]
    pages += [client.post("/admin/login/", {"username": "x", "password": "y"}) for _ in range(25)]

    assert {page.status_code for page in pages} >= {200, 429}
    for page in pages:
        if page["Content-Type"].startswith("application/problem+json"):
            continue
        assert page["Content-Type"].startswith("text/html")
        for name in ["Content-Security-Policy", "Referrer-Policy", "X-Frame-Options", "Permissions-Policy"]:
            assert name in page, (page.status_code, name)


def test_a_form_without_its_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post("/admin/login/", {"username": "a@example.com", "password": "x"}).status_code == 403


def test_the_admins_files_are_served_without_collectstatic() -> None:
    styles = Client().get("/static/admin/css/base.css")

    assert styles.status_code == 200
    assert styles["Content-Type"].startswith("text/css")
    styles.close()


def test_the_api_sets_no_cookie_and_reads_none() -> None:
    answer = Client().get("/recall/x")

    assert answer.status_code == 401
    assert not answer.cookies
    assert "X-Frame-Options" not in answer
