"""API keys: issued once, found by digest, refused when revoked or expired."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.account import Account
from accounts.key_secret import digest_of
from accounts.models import ApiKey, User


def behind(secret: str, later: timedelta = timedelta()) -> Account | None:
    return Account.behind(digest_of(secret), timezone.now() + later)


def test_the_account_behind_a_key_is_its_users(alice: User) -> None:
    key, secret = ApiKey.issue(alice, name="laptop", read_only=True, prefix="run-42/")

    account = behind(secret)

    assert account is not None
    assert account.user_id == alice.public_id
    assert account.tier == "free"
    assert account.limits == alice.limits
    assert (account.key_id, account.key_name) == (key.public_id, "laptop")
    assert (account.scope.read_only, account.scope.prefix) == (True, "run-42/")


def test_the_secret_is_nowhere_in_the_database(alice: User) -> None:
    _, secret = ApiKey.issue(alice)

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_apikey")
        row = cursor.fetchone()

    assert secret[8:] not in repr(row)
    assert secret.encode()[8:] not in b"".join(value for value in row if isinstance(value, bytes))


def test_a_revoked_key_has_no_account(alice: User) -> None:
    key, secret = ApiKey.issue(alice)
    key.revoke()

    assert behind(secret) is None


def test_a_key_has_no_account_from_the_instant_it_expires(alice: User) -> None:
    _, secret = ApiKey.issue(alice, expires_in=60)

    assert behind(secret, timedelta(seconds=59)) is not None
    assert behind(secret, timedelta(seconds=60)) is None


def test_a_suspended_users_keys_have_no_account(alice: User) -> None:
    _, secret = ApiKey.issue(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert behind(secret) is None


def test_one_query_finds_the_account(alice: User, django_assert_num_queries) -> None:
    _, secret = ApiKey.issue(alice)

    with django_assert_num_queries(1):
        assert behind(secret) is not None


@pytest.mark.parametrize("prefix", ["/", "a//b", "../", "x" * 201, "a\n", "é" * 101])
def test_a_prefix_that_no_id_begins_with_is_refused(alice: User, prefix: str) -> None:
    with pytest.raises(ValidationError):
        ApiKey.issue(alice, prefix=prefix)
    assert not ApiKey.objects.exists()


def test_revoking_again_keeps_the_first_date(alice: User) -> None:
    key, _ = ApiKey.issue(alice)
    key.revoke()
    key.refresh_from_db()
    first = key.revoked_at
    key.revoke()
    key.refresh_from_db()

    assert key.revoked_at == first
