"""The pages have Django's protection; the API's answers have none of its cookies."""

import pytest
from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.security import SecurityMiddleware
from django.test import Client
from django.utils.module_loading import import_string

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
