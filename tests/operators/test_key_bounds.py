"""The bounds of keys in the admin: how many a user has, and when descendants end."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.account import Account
from accounts.key_secret import digest_of
from accounts.key_tree import ChildKey, mint
from accounts.models import ApiKey, User


@pytest.fixture
def account(alice: User) -> Account:
    found = Account.behind(digest_of(ApiKey.issue(alice)[1]), timezone.now())
    assert found is not None
    return found


def test_the_admin_keeps_to_the_bound_too(
    alice: User, operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.models.api_key.MAX_LIVE_KEYS", 0)
    form = {"user": alice.pk, "name": "", "prefix": "", "expires_at_0": "", "expires_at_1": ""}

    page = operator.post("/admin/accounts/apikey/add/", form)

    assert "the most there may be" in page.content.decode()
    assert not ApiKey.objects.exists()


def test_revoking_in_the_admin_revokes_the_children(operator: Client, account: Account) -> None:
    secret = mint(account, ChildKey())[1]
    parent = ApiKey.objects.get(public_id=account.key_id)

    sent = {"action": "revoke", "_selected_action": [parent.pk], "sure": "yes"}
    operator.post("/admin/accounts/apikey/", sent)

    assert Account.behind(digest_of(secret), timezone.now()) is None


def change(operator: Client, key: ApiKey, date: str) -> str:
    """Sets the key's end in the admin; returns the page that comes."""
    form = {"name": "", "expires_at_0": date, "expires_at_1": "12:00:00" if date else ""}
    page = operator.post(f"/admin/accounts/apikey/{key.pk}/change/", form, follow=True)
    return page.content.decode()


def test_an_earlier_end_in_the_admin_is_the_descendants_end_too(operator: Client, account: Account) -> None:
    child = mint(account, ChildKey(expires_in=315_000_000))[0]
    grandchild, _ = ApiKey.issue(child.user, parent=child, expires_at=child.expires_at)
    early, _ = mint(account, ChildKey(expires_in=60))
    parent = ApiKey.objects.get(public_id=account.key_id)
    next_year = timezone.now().year + 1

    change(operator, parent, f"{next_year}-01-02")

    ends = dict(ApiKey.objects.values_list("pk", "expires_at"))
    assert ends[parent.pk] == ends[child.pk] == ends[grandchild.pk]
    assert ends[early.pk] == early.expires_at


def test_a_later_end_in_the_admin_does_not_outlive_the_parents(operator: Client, account: Account) -> None:
    ApiKey.objects.filter(public_id=account.key_id).update(expires_at=timezone.now() + timedelta(hours=1))
    child = mint(account, ChildKey())[0]

    for date in ("", "9000-01-01"):
        assert "The key&#x27;s parent expires at " in change(operator, child, date)
    child.refresh_from_db()
    assert child.expires_at is not None
    assert child.expires_at < timezone.now() + timedelta(hours=1)
