"""Tiers: every limit is judged, with a sentence that names it, and one with users stays."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, Tier, User

FIELDS = (
    "payload_bytes",
    "default_ttl",
    "max_ttl",
    "requests_per_minute",
    "burst",
    "max_memories",
    "max_bytes",
    "pool",
)


def form(**fields: Any) -> dict[str, Any]:
    tier = Tier.objects.get(name="pro")
    return {name: getattr(tier, name) for name in FIELDS} | fields


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"burst": 0}, "Burst must be at least 1."),
        ({"burst": -5}, "Burst must be at least 1."),
        ({"burst": "many"}, "Burst must be a whole number."),
        ({"burst": ""}, "Requests a minute and burst go together: give both, or neither."),
        ({"requests_per_minute": 0}, "Requests a minute must be at least 1."),
        ({"requests_per_minute": 2**31}, "Requests a minute may be 2,147,483,647 at most."),
        ({"default_ttl": 86_401}, "Default TTL may not be over the maximum TTL, which is 86,400 seconds."),
        ({"default_ttl": 0}, "Default TTL must be at least 1."),
        ({"max_ttl": ""}, "Maximum TTL is missing."),
        ({"payload_bytes": 0}, "Payload must be at least 1."),
        (
            {"payload_bytes": 524_288_001},
            "Payload may be 524,288,000 bytes at most: the server takes no more.",
        ),
        ({"max_memories": 0}, "Most memories must be at least 1."),
        ({"max_bytes": 2**63}, "Most bytes may be 9,223,372,036,854,775,807 at most."),
    ],
)
def test_a_limit_that_cannot_be_is_a_sentence_that_names_it(
    superuser: Client, fields: dict[str, Any], sentence: str
) -> None:
    before = Tier.objects.values().get(name="pro")
    page = superuser.post("/admin/accounts/tier/pro/change/", form(**fields)).content.decode()

    assert sentence in page
    assert Tier.objects.values().get(name="pro") == before


def test_every_limit_can_be_changed(superuser: Client) -> None:
    new = {"payload_bytes": 1, "default_ttl": 2, "max_ttl": 3, "requests_per_minute": 4, "burst": 5}
    new |= {"max_memories": 6, "max_bytes": 7}
    assert superuser.post("/admin/accounts/tier/pro/change/", form(**new)).status_code == 302

    assert Tier.objects.values(*new).get(name="pro") == new
    assert AuditEntry.objects.get().after == new


def test_the_list_says_how_many_users_are_on_each_in_one_query(
    superuser: Client, root: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(3):
        User.objects.create_user(f"{number}@example.com", tier_id="pro")
    superuser.get("/admin/accounts/tier/")

    with django_assert_max_num_queries(8):
        page = superuser.get("/admin/accounts/tier/").content.decode()
    assert '<a href="/admin/accounts/user/?tier__name__exact=pro">3</a>' in page
    assert "50 MB" in page


def test_a_tier_with_users_is_not_deleted_and_says_so(superuser: Client) -> None:
    User.objects.create_user("ada@example.com", tier_id="pro")
    answer = superuser.post("/admin/accounts/tier/pro/delete/", {"post": "yes"}, follow=True)

    assert answer.status_code == 200
    assert "The tier pro has 1 user; give them another tier first." in answer.content.decode()
    assert Tier.objects.filter(name="pro").exists()


def test_the_tier_of_new_users_stays_and_others_go(superuser: Client, root: User) -> None:
    User.objects.filter(tier="free").update(tier="pro")
    told = superuser.post("/admin/accounts/tier/free/delete/", {"post": "yes"}, follow=True).content.decode()
    assert "New users get the tier free, so it must stay." in told

    superuser.post("/admin/accounts/tier/enterprise/delete/", {"post": "yes"})
    assert set(Tier.objects.values_list("name", flat=True)) == {"free", "pro", "local"}
    assert AuditEntry.objects.get(action="deleted").label == "enterprise"
