"""Users: found, given another tier, suspended and resumed, one or many."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, PoolMove, Tier, User, pool_move
from accounts.models.pool_move import TooSlow

LIST = "/admin/accounts/user/"


@pytest.fixture
def crowd(db: None) -> list[User]:
    return [User.objects.create_user(f"user{number}@example.com") for number in range(3)]


def act(client: Client, action: str, users: list[User], **fields: Any) -> str:
    chosen = {"action": action, "_selected_action": [user.pk for user in users]}
    return client.post(LIST, chosen | fields, follow=True).content.decode()


def tiers() -> list[str]:
    return list(User.objects.filter(is_staff=False).order_by("pk").values_list("tier", flat=True))


@pytest.mark.parametrize("field", ["email", "public_id"])
def test_a_user_is_found_by_address_and_by_id(operator: Client, crowd: list[User], field: str) -> None:
    page = operator.get(LIST, {"q": getattr(crowd[1], field)}).content.decode()

    assert crowd[1].email in page
    assert crowd[0].email not in page


def test_a_change_of_tier_is_asked_for_and_then_done_for_all(operator: Client, crowd: list[User]) -> None:
    question = act(operator, "change_tier", crowd)
    assert "Change the tier of 3 users?" in question
    assert all(user.email in question for user in crowd)
    assert "within two seconds" in question
    assert tiers() == ["free"] * 3

    assert "3 users moved to the tier pro." in act(operator, "change_tier", crowd, tier="pro")
    assert tiers() == ["pro"] * 3
    entries = AuditEntry.objects.filter(action="changed")
    assert {entry.object_id for entry in entries} == {user.public_id for user in crowd}
    assert [entry.after for entry in entries] == [{"tier": "pro"}] * 3
    assert entries[0].address == "192.0.2.7"


def test_no_tier_is_chosen_to_begin_with_and_that_of_local_mode_is_not_offered(
    operator: Client, crowd: list[User]
) -> None:
    Tier.objects.get_or_create(name="local", defaults={"payload_bytes": 1, "default_ttl": 1, "max_ttl": 1})
    question = act(operator, "change_tier", crowd)

    choices = re.findall(r'<option value="([^"]*)"( selected)?', question[question.index('name="tier"') :])
    assert choices[0] == ("", " selected")
    assert {name for name, _ in choices} == {"", "free", "pro", "enterprise"}
    assert "Choose a tier." in act(operator, "change_tier", crowd, tier="")
    act(operator, "change_tier", crowd, tier="local")
    assert tiers() == ["free"] * 3


def test_those_who_were_on_the_tier_already_are_told(operator: Client, crowd: list[User]) -> None:
    act(operator, "change_tier", crowd[:1], tier="pro")

    told = act(operator, "change_tier", crowd, tier="pro")
    assert "2 users moved to the tier pro. It applies within two seconds. 1 user already had it." in told
    told = act(operator, "change_tier", crowd, tier="pro")
    assert "Nothing changed: 3 users already had the tier pro." in told


def test_a_tier_with_another_pool_is_a_move_of_each(operator: Client, crowd: list[User]) -> None:
    Tier.objects.filter(name="pro").update(pool="other")
    User.objects.filter(pk=crowd[0].pk).update(tier="enterprise")
    before = dict(Tier.objects.values_list("name", "pool"))
    act(operator, "change_tier", crowd, tier="pro")

    moves = dict(PoolMove.objects.values_list("user", "pool"))
    assert moves == {user.pk: before[user.tier_id] for user in crowd} | {crowd[0].pk: before["enterprise"]}


def test_ones_own_limits_that_contradict_the_tier_keep_all_from_changing(
    operator: Client, crowd: list[User]
) -> None:
    User.objects.filter(pk=crowd[2].pk).update(default_ttl=100)
    Tier.objects.filter(name="pro").update(default_ttl=50, max_ttl=60)
    told = act(operator, "change_tier", crowd, tier="pro")

    assert "user2@example.com: Default TTL may not be over the tier&#x27;s maximum" in told
    assert tiers() == ["free"] * 3
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("way", ["page", "action"])
def test_a_move_that_is_written_too_slowly_is_told_and_changes_nothing(
    operator: Client, crowd: list[User], monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    def slow(*_: Any) -> None:
        raise TooSlow

    Tier.objects.filter(name="pro").update(pool="other")
    monkeypatch.setattr(PoolMove, "leave", slow)
    if way == "action":
        told = act(operator, "change_tier", crowd, tier="pro")
    else:
        form = {"email": crowd[0].email, "tier": "pro", "is_active": "on"}
        told = operator.post(f"{LIST}{crowd[0].pk}/change/", form, follow=True).content.decode()

    assert "nothing changed" in told
    assert tiers() == ["free"] * 3


def test_suspended_and_resumed_users_are_told_and_recorded(operator: Client, crowd: list[User]) -> None:
    assert "2 users suspended." in act(operator, "suspend", crowd[:2])
    assert list(User.objects.filter(is_active=False).order_by("pk")) == crowd[:2]
    assert "1 user resumed." in act(operator, "resume", crowd[1:])

    crowd[0].refresh_from_db()
    assert not crowd[0].is_active
    told = [(entry.action, entry.after) for entry in AuditEntry.objects.order_by("pk")]
    assert told == [
        ("suspended", {"is_active": False}),
        ("suspended", {"is_active": False}),
        ("resumed", {"is_active": True}),
    ]


def test_more_than_500_at_once_are_refused(operator: Client) -> None:
    User.objects.bulk_create([User(email=f"{number}@example.com") for number in range(501)])
    chosen = {"action": "suspend", "_selected_action": "1", "select_across": "1"}
    told = operator.post(f"{LIST}?is_staff__exact=0", chosen, follow=True).content.decode()

    assert "Select at most 500 users; nothing was changed." in told
    assert not User.objects.filter(is_active=False).exists()


def test_500_change_their_tier_in_few_queries(
    operator: Client, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # How quickly they are written down is the machine's affair; another test tells what becomes of it.
    monkeypatch.setattr(pool_move, "SLOW", timedelta(seconds=60))
    User.objects.bulk_create([User(email=f"{number}@example.com") for number in range(500)])
    users = list(User.objects.filter(is_staff=False))
    with django_assert_max_num_queries(60):
        assert "500 users moved to the tier pro." in act(operator, "change_tier", users, tier="pro")
    assert AuditEntry.objects.count() == 500


def test_ones_own_limits_are_judged_with_a_sentence(operator: Client, alice: User) -> None:
    form = {"email": alice.email, "tier": "free", "is_active": "on", "burst": 0, "requests_per_minute": 5}
    page = operator.post(f"{LIST}{alice.pk}/change/", form).content.decode()

    assert "Burst must be at least 1." in page
    assert operator.post(f"{LIST}{alice.pk}/change/", form | {"burst": 7}).status_code == 302
    alice.refresh_from_db()
    assert (alice.limits.burst, alice.limits.requests_per_minute) == (7, 5)


def test_a_user_with_keys_can_be_deleted_with_them(operator: Client, alice: User) -> None:
    from accounts.models import ApiKey

    ApiKey.issue(alice)
    operator.post(f"{LIST}{alice.pk}/delete/", {"post": "yes"})

    assert not User.objects.filter(pk=alice.pk).exists()
    assert AuditEntry.objects.get(action="deleted").label == alice.email
