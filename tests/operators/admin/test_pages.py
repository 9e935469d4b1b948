"""The pages at large, and the log-in."""

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User


@pytest.mark.parametrize(
    "page", ["", "accounts/user/", "accounts/tier/", "accounts/apikey/", "accounts/user/add/"]
)
def test_each_page_opens(superuser: Client, page: str) -> None:
    assert superuser.get(f"/admin/{page}").status_code == 200


@pytest.mark.parametrize(
    "path", ["nothing/", "users/usr_nobody/", "users/usr_nobody/forget/", "accounts/apikey/0/rotate/"]
)
def test_what_is_not_there_is_a_page_of_the_admin_for_those_who_may_log_in(
    operator: Client, path: str
) -> None:
    answer = operator.get(f"/admin/{path}")

    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")
    page = answer.content.decode()
    assert "Page not found" in page
    assert 'href="/admin/"' in page
    assert Client().get(f"/admin/{path}").status_code == 302


def test_an_empty_list_offers_what_can_be_done_about_it(superuser: Client, viewer: Client) -> None:
    moves = "/admin/accounts/poolmove/"
    page = viewer.get(moves).content.decode()
    assert "No pool move yet." in page
    assert "filter_list_off" not in page
    page = superuser.get(f"{moves}?q=nobody").content.decode()
    assert "No pool move matches." in page
    assert "filter_list_off" in page


def test_the_admin_is_not_for_users(alice: User) -> None:
    alice.set_password("a long passphrase")
    alice.save()
    cache.clear()
    client = Client()
    client.post("/admin/login/", {"username": "alice@example.com", "password": "a long passphrase"})

    assert client.get("/admin/").status_code == 302
