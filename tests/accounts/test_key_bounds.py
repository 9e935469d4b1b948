"""How many keys a user has: live ones to a bound, dead children to another."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import local
from accounts.account import Account
from accounts.key_secret import digest_of
from accounts.key_tree import ChildKey, mint
from accounts.models import ApiKey, User
from stash_memory.errors import QuotaExceeded
from stash_memory.limits import Limits

SENTENCE = "This user has 3 live keys, the most there may be; revoke some."


@pytest.fixture
def account(alice: User) -> Account:
    found = Account.behind(digest_of(ApiKey.issue(alice)[1]), timezone.now())
    assert found is not None
    return found


def test_a_user_has_a_bounded_number_of_live_keys(
    alice: User, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.models.api_key.MAX_LIVE_KEYS", 3)
    ApiKey.issue(alice)[0].revoke()
    ApiKey.issue(alice, expires_at=timezone.now() - timedelta(seconds=1))
    mint(account, ChildKey())
    mint(account, ChildKey())

    with pytest.raises(QuotaExceeded) as refused:
        mint(account, ChildKey())
    assert refused.value.detail == SENTENCE
    with pytest.raises(ValidationError):
        ApiKey.issue(alice)
    with pytest.raises(CommandError, match="3 live keys"):
        call_command("createkey", alice.email)
    ApiKey.issue(User.objects.create_user("bob@example.com"))


def test_the_oldest_dead_children_make_room(
    alice: User, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a key that mints and revokes would fill the table."""
    monkeypatch.setattr("accounts.models.api_key.MAX_DEAD_CHILDREN", 2)
    operators = ApiKey.issue(alice)[0]
    operators.revoke()
    live = mint(account, ChildKey())[0]
    dead = []
    for _ in range(5):
        dead.append(mint(account, ChildKey())[0])
        dead[-1].revoke()

    newest = mint(account, ChildKey())[0]

    children = ApiKey.objects.filter(parent__isnull=False)
    assert set(children) == {live, *dead[-2:], newest}
    assert ApiKey.objects.filter(pk=operators.pk).exists()


def test_createkey_refuses_an_end_that_no_calendar_has(db: None) -> None:
    with pytest.raises(CommandError, match="over the maximum of 315360000 seconds"):
        call_command("createkey", "ada@example.com", "--expires", str(10**18))


def test_a_local_server_whose_key_was_revoked_makes_another(db: None, tmp_path) -> None:
    limits = Limits(payload_bytes=1, default_ttl=1, max_ttl=1)
    first = local.prepare(tmp_path / "local_key", limits)
    assert local.prepare(tmp_path / "local_key", limits) == first

    ApiKey.objects.filter(digest=digest_of(first)).revoke()

    second = local.prepare(tmp_path / "local_key", limits)
    assert second != first
    assert Account.behind(digest_of(second), timezone.now()) is not None
