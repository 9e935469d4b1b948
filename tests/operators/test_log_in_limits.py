"""Wrong log-ins: limited by address and by name, and nobody is kept out by another's mistakes."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from operators.sign_in import COOKIE

RIGHT = "a long passphrase"


class Clock:
    """django-ratelimit's, which stands still until it is told."""

    now = 1_800_000_000

    def time(self) -> int:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("django_ratelimit.core.time", SimpleNamespace(time=clock.time))
    return clock


@pytest.fixture(autouse=True)
def ops(db: None, clock: Clock, settings: Any) -> User:
    cache.clear()
    # Django's own takes a third of a second for each of a hundred tries.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return User.objects.create_superuser("ops@example.com", RIGHT)


def tried(client: Client, address: str, passphrase: str = "wrong", name: str = "ops@example.com") -> int:
    form = {"username": name, "password": passphrase}
    return client.post("/admin/login/?next=/admin/", form, REMOTE_ADDR=address).status_code


def wrong_from_everywhere(clock: Clock) -> None:
    assert [tried(Client(), f"192.0.2.{number}") for number in range(11)] == [200] * 10 + [429]


def test_an_address_that_was_wrong_ten_times_in_a_minute_waits() -> None:
    answers = [tried(Client(), "192.0.2.1", name=f"{number}@example.com") for number in range(11)]

    assert answers == [200] * 10 + [429]
    assert tried(Client(), "192.0.2.1", RIGHT) == 429
    assert tried(Client(), "192.0.2.2", RIGHT) == 302, "others do not wait"


def test_the_page_says_how_long_and_the_minute_passes(clock: Clock) -> None:
    for _ in range(10):
        tried(Client(), "192.0.2.1")
    page = Client().post("/admin/login/", {"username": "x"}, REMOTE_ADDR="192.0.2.1")

    assert page.status_code == 429
    assert 1 <= int(page["Retry-After"]) <= 60
    assert f"Wait {page['Retry-After']} second" in page.content.decode()
    clock.now += 300
    assert tried(Client(), "192.0.2.1", RIGHT) == 302


def test_log_ins_that_are_right_are_not_counted() -> None:
    assert [tried(Client(), "192.0.2.1", RIGHT) for _ in range(15)] == [302] * 15


def test_an_address_of_ipv6_is_its_whole_network() -> None:
    answers = [tried(Client(), f"2001:db8::{number:x}", name=f"{number}@example.com") for number in range(11)]

    assert answers[-1] == 429


def test_a_name_is_guarded_whichever_addresses_try_it_and_however_it_is_written(clock: Clock) -> None:
    wrong_from_everywhere(clock)

    assert tried(Client(), "198.51.100.1", name="  OPS@Example.com ") == 429
    assert tried(Client(), "198.51.100.1", name="other@example.com") == 200
    assert tried(Client(), "198.51.100.1", RIGHT) == 429, "guesses are not told from the right one"


def test_a_browser_that_logged_in_before_is_not_kept_out_by_others(clock: Clock) -> None:
    mine = Client()
    assert tried(mine, "198.51.100.1", RIGHT) == 302
    mine.cookies.pop("sessionid", None)
    wrong_from_everywhere(clock)

    assert tried(mine, "198.51.100.2") == 200
    assert tried(mine, "198.51.100.2", RIGHT) == 302


def test_a_known_browser_may_not_guess_without_end_and_is_known_for_its_own_name_alone(clock: Clock) -> None:
    User.objects.create_superuser("other@example.com", RIGHT)
    mine = Client()
    tried(mine, "198.51.100.1", RIGHT)
    answers = [tried(mine, f"192.0.2.{number}") for number in range(11)]
    assert answers == [200] * 10 + [429]

    for number in range(10):
        tried(Client(), f"203.0.113.{number}", name="other@example.com")
    assert tried(mine, "198.51.100.3", RIGHT, name="other@example.com") == 429


def test_nobody_is_kept_out_for_ever(clock: Clock) -> None:
    wrong_from_everywhere(clock)
    clock.now += 300

    assert tried(Client(), "198.51.100.1", RIGHT) == 302


def test_the_cookie_is_for_the_admin_and_not_for_scripts_and_cannot_be_made_up(
    clock: Clock, settings: Any
) -> None:
    settings.SESSION_COOKIE_SECURE = True
    client = Client()
    tried(client, "198.51.100.1", RIGHT)
    cookie = client.cookies[COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["secure"]) == (
        "/admin/",
        True,
        "Lax",
        True,
    )
    assert "ops" not in cookie.value

    number = cookie.value.partition(":")[0]
    wrong_from_everywhere(clock)
    for made_up in ("", ":", f"{number}:", f"{number}:x", f"x{cookie.value}"):
        forger = Client()
        forger.cookies[COOKIE] = made_up
        assert tried(forger, "198.51.100.9", RIGHT) == 429
