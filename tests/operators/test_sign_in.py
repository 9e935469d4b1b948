"""The sign-in link: once, for five minutes, in local mode, and only for who presses the button."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.local import EMAIL, operator
from accounts.models import SignInLink, User
from stash_memory.local import USER_ID


@pytest.fixture
def local_user(db: None) -> User:
    return User.objects.create_user(EMAIL, public_id=USER_ID, tier_id="local")


@pytest.fixture
def link(local_user: User) -> str:
    return f"/admin/sign-in/{SignInLink.issue(operator(), timezone.now())}/"


def test_opening_it_shows_a_button_and_uses_nothing_up(link: str) -> None:
    for _ in range(3):
        client = Client()
        page = client.get(link)
        assert (page.status_code, page["Cache-Control"]) == (
            200,
            "max-age=0, no-cache, no-store, must-revalidate, private",
        )
        assert EMAIL in page.content.decode()
        assert client.get("/admin/").status_code == 302


def test_the_button_signs_in_once(link: str) -> None:
    first, second = Client(), Client()

    assert first.post(link).headers["Location"] == "/admin/"
    assert first.get("/admin/accounts/tier/add/").status_code == 200, "the local operator may do everything"
    assert second.post(link).status_code == 410
    assert second.get(link).status_code == 410
    assert second.get("/admin/").status_code == 302


def test_the_button_needs_the_pages_own_token(link: str) -> None:
    assert Client(enforce_csrf_checks=True).post(link).status_code == 403


def test_it_is_good_for_five_minutes(local_user: User) -> None:
    now = timezone.now()
    token = SignInLink.issue(local_user, now)

    assert SignInLink.good(token, now + timedelta(minutes=4, seconds=59)) is not None
    assert SignInLink.redeem(token, now + timedelta(minutes=5)) is None
    SignInLink.issue(local_user, now + timedelta(minutes=5))
    assert SignInLink.objects.count() == 1, "what has expired goes with the next"


def test_a_suspended_user_is_not_signed_in(link: str, local_user: User) -> None:
    User.objects.update(is_active=False)

    assert Client().post(link).status_code == 410


def test_the_token_is_kept_as_a_digest_alone(link: str) -> None:
    token = link.split("/")[-2]
    (kept,) = SignInLink.objects.values()

    assert token not in str(kept)
    assert len(bytes(kept["digest"])) == 32


def test_there_is_none_in_hosted_mode(link: str, settings: Any) -> None:
    settings.HOSTED = True

    assert Client().get(link).status_code == 404
    assert Client().post(link).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_many_who_come_at_once_one_is_signed_in() -> None:
    user = User.objects.create_user(EMAIL, public_id=USER_ID, tier_id="local")
    token, now, together = SignInLink.issue(user, timezone.now()), timezone.now(), Barrier(8)
    found: list[User | None] = []

    def come() -> None:
        from django.db import connection

        together.wait()
        found.append(SignInLink.redeem(token, now))
        connection.close()

    threads = [Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(one) for one in found) == ["None"] * 7 + [EMAIL]
