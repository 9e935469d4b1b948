"""Tiers and the limits that users get from them."""

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from accounts.models import Tier, User
from stash_memory.limits import Limits

MB = 1_048_576
FOUNDING_DOCUMENT = {
    "free": Limits(MB, 3_600, 3_600, 60, 10, 1_000, 100 * MB),
    "pro": Limits(50 * MB, 86_400, 86_400, 300, 50, 100_000, 10_240 * MB),
    "enterprise": Limits(500 * MB, 86_400, 604_800),
    "local": Limits(MB, 3_600, 86_400),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", FOUNDING_DOCUMENT)
def test_a_migration_makes_the_founding_documents_tiers(name: str) -> None:
    user = User.objects.create_user(f"{name}@example.com", tier_id=name)

    assert user.limits == FOUNDING_DOCUMENT[name]


def test_a_users_own_limits_go_before_the_tiers(alice: User) -> None:
    alice.default_ttl, alice.requests_per_minute, alice.burst = 60, 600, 100

    assert alice.limits == Limits(MB, 60, 3_600, 600, 100, 1_000, 100 * MB)


def test_an_override_over_the_tiers_maximum_is_refused(alice: User) -> None:
    alice.default_ttl = 3_601

    with pytest.raises(
        ValidationError, match="Default TTL may not be over the tier's maximum, which is 3,600 seconds"
    ):
        alice.full_clean()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"default_ttl": 3_601}, "default_ttl"),
        ({"burst": 0}, "burst"),
        ({"burst": None}, "burst"),
        ({"requests_per_minute": None}, "burst"),
        ({"payload_bytes": 0}, "payload_bytes"),
        ({"max_ttl": 0}, "max_ttl"),
    ],
)
def test_limits_that_make_no_sense_are_refused(changes: dict[str, object], field: str) -> None:
    tier = Tier.objects.get(name="free")
    for name, value in changes.items():
        setattr(tier, name, value)

    with pytest.raises(ValidationError) as refused:
        tier.full_clean()
    assert field in refused.value.message_dict


def test_a_tier_with_users_cannot_be_deleted(alice: User) -> None:
    with pytest.raises(ProtectedError):
        alice.tier.delete()
