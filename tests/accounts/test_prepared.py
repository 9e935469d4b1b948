"""Prepared queries answer as the ORM does, and make their SQL once."""

from datetime import timedelta

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from accounts.account import COLUMNS, VALID, valid_key
from accounts.key_secret import digest_of
from accounts.models import ApiKey, PoolMove, User
from accounts.prepared import Prepared

pytestmark = pytest.mark.django_db

PUBLIC_ID = ApiKey._meta.get_field("public_id")


def test_it_answers_as_the_orm_does_in_pythons_own_types(alice: User) -> None:
    now = timezone.now()
    key, secret = ApiKey.issue(alice, name="agent", read_only=True, prefix="run/", expires_in=60)
    PoolMove.objects.create(user=alice, pool="old", at=now - timedelta(days=1), look_at=now)

    rows = VALID.rows(now, digest_of(secret))

    assert rows == list(valid_key(now, digest_of(secret)))
    row = dict(zip(COLUMNS, rows[0], strict=True))
    assert row["read_only"] is True
    assert row["expires_at"] == key.expires_at
    assert row["user__moves__at"] == now - timedelta(days=1)
    assert VALID.rows(now + timedelta(seconds=61), digest_of(secret)) == []


def test_its_sql_is_made_once(alice: User) -> None:
    made = []

    def named(public_id: str) -> QuerySet[ApiKey]:
        made.append(public_id)
        return ApiKey.objects.filter(public_id=public_id).values_list("name")

    keys = [ApiKey.issue(alice, name=name)[0] for name in ("first", "second")]
    prepared = Prepared(named, PUBLIC_ID)

    assert [prepared.rows(key.public_id) for key in keys] == [[("first",)], [("second",)]]
    assert made == [keys[0].public_id]


def test_values_that_the_sql_does_not_take_are_a_fault_of_the_code() -> None:
    prepared = Prepared(lambda public_id: ApiKey.objects.values_list("name"), PUBLIC_ID)

    with pytest.raises(TypeError, match="The SQL takes 0 values, and not 1"):
        prepared.rows("key_x")
