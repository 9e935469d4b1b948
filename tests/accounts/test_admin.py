"""The plain admin: users, tiers and keys."""

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.key_secret import digest_of
from accounts.models import ApiKey, Tier, User


@pytest.mark.parametrize(
    "page", ["", "accounts/user/", "accounts/tier/", "accounts/apikey/", "accounts/user/add/"]
)
def test_each_page_opens(operator: Client, page: str) -> None:
    assert operator.get(f"/admin/{page}").status_code == 200


def test_a_key_made_in_the_admin_is_shown_once(operator: Client, alice: User) -> None:
    form = {"user": alice.pk, "name": "agent", "prefix": "", "expires_at_0": "", "expires_at_1": ""}
    page = operator.post("/admin/accounts/apikey/add/", form, follow=True).content.decode()

    secret = next(word for word in page.split() if word.startswith("sk_live_") and len(word) > 40).rstrip(".")
    key = ApiKey.objects.get(digest=digest_of(secret))
    assert (key.user, key.name) == (alice, "agent")
    for path in ("/admin/accounts/apikey/", f"/admin/accounts/apikey/{key.pk}/change/"):
        again = operator.get(path).content.decode()
        assert secret not in again
        assert key.digest.hex() not in again


def test_keys_are_revoked_and_not_deleted(operator: Client, alice: User) -> None:
    key, _ = ApiKey.issue(alice)

    operator.post("/admin/accounts/apikey/", {"action": "revoke", "_selected_action": [key.pk]})

    key.refresh_from_db()
    assert key.revoked_at is not None
    assert operator.get(f"/admin/accounts/apikey/{key.pk}/delete/").status_code == 403


def test_a_tiers_limits_are_validated(operator: Client) -> None:
    form = {
        "name": "free",
        "payload_bytes": 1,
        "default_ttl": 10,
        "max_ttl": 5,
        "requests_per_minute": 1,
        "burst": 1,
    }
    page = operator.post("/admin/accounts/tier/free/change/", form)

    assert "The default TTL may not be over the maximum." in page.content.decode()
    assert Tier.objects.get(name="free").max_ttl == 3600


def test_the_eleventh_log_in_of_a_minute_is_told_to_wait(db: None) -> None:
    cache.clear()
    client = Client()
    statuses = [
        client.post("/admin/login/", {"username": "ops@example.com", "password": "wrong"}).status_code
        for _ in range(21)
    ]

    # The window is a calendar minute, which may turn over once meanwhile.
    assert 429 in statuses
    assert statuses.index(429) >= 10


def test_the_admin_is_not_for_users(alice: User) -> None:
    alice.set_password("a long passphrase")
    alice.save()
    cache.clear()
    client = Client()
    client.post("/admin/login/", {"username": "alice@example.com", "password": "a long passphrase"})

    assert client.get("/admin/").status_code == 302
