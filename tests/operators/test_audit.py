"""The audit log: every change that an operator makes in the admin, and nothing that is secret."""

import json
import logging
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from accounts.audit import audited
from accounts.models import ApiKey, AuditEntry, PoolMove, Tier, User

PASSPHRASE = "a long passphrase"


@pytest.fixture
def operator(db: None) -> Client:
    client = Client(REMOTE_ADDR="192.0.2.7")
    client.force_login(User.objects.create_superuser("ops@example.com", PASSPHRASE))
    return client


def entry() -> AuditEntry:
    """The only one there is."""
    return AuditEntry.objects.get()


def user_form(user: User, **fields: Any) -> dict[str, Any]:
    return {"email": user.email, "tier": user.tier_id, "is_active": "on"} | fields


def test_it_tells_who_when_from_where_and_what_it_was_before_and_after(operator: Client, alice: User) -> None:
    answer = operator.post(
        f"/admin/accounts/user/{alice.pk}/change/", user_form(alice, tier="pro", default_ttl=60)
    )
    assert answer.status_code == 302

    found, ops = entry(), User.objects.get(email="ops@example.com")
    assert (found.operator_id, found.operator_email) == (ops.public_id, "ops@example.com")
    assert found.address == "192.0.2.7"
    assert (found.action, found.kind, found.object_id) == ("changed", "user", alice.public_id)
    assert found.label == "alice@example.com"
    assert found.before == {"tier": "free", "default_ttl": None}
    assert found.after == {"tier": "pro", "default_ttl": 60}
    assert (found.at - ops.created_at).total_seconds() < 60


def test_a_suspended_user_is_a_change_of_one_field(operator: Client, alice: User) -> None:
    form = user_form(alice)
    del form["is_active"]
    operator.post(f"/admin/accounts/user/{alice.pk}/change/", form)

    assert (entry().before, entry().after) == ({"is_active": True}, {"is_active": False})


def test_what_is_saved_as_it_was_is_no_change(operator: Client, alice: User) -> None:
    operator.post(f"/admin/accounts/user/{alice.pk}/change/", user_form(alice))

    assert not AuditEntry.objects.exists()


def test_what_is_refused_is_no_change(operator: Client, alice: User) -> None:
    operator.post(f"/admin/accounts/user/{alice.pk}/change/", user_form(alice, tier="no such"))

    assert not AuditEntry.objects.exists()


def test_an_operators_rights_are_part_of_it(operator: Client, alice: User) -> None:
    group = Group.objects.create(name="support")
    right = Permission.objects.get(codename="view_apikey")
    form = user_form(alice, is_staff="on", groups=[group.pk], user_permissions=[right.pk])
    operator.post(f"/admin/accounts/user/{alice.pk}/change/", form)

    assert entry().before == {"is_staff": False, "groups": [], "user_permissions": []}
    assert entry().after == {"is_staff": True, "groups": ["support"], "user_permissions": [str(right)]}


def test_a_new_key_is_recorded_without_its_secret_and_its_digest(operator: Client, alice: User) -> None:
    form = {"user": alice.pk, "name": "agent", "prefix": "run-42/", "expires_at_0": "", "expires_at_1": ""}
    page = operator.post("/admin/accounts/apikey/add/", form, follow=True).content.decode()
    secret = next(word for word in page.split() if word.startswith("sk_live_") and len(word) > 40).rstrip(".")

    found, key = entry(), ApiKey.objects.get()
    assert (found.action, found.kind, found.object_id) == ("created", "API key", key.public_id)
    assert found.before is None
    assert found.after is not None
    assert (found.after["user"], found.after["prefix"], found.after["digest"]) == (
        "alice@example.com",
        "run-42/",
        "hidden",
    )
    written = json.dumps(AuditEntry.objects.values("before", "after", "label").get())
    assert secret not in written
    assert key.digest.hex() not in written


def test_a_revocation_is_recorded_for_each_key_that_was_not_revoked_yet(
    operator: Client, alice: User
) -> None:
    keys = [ApiKey.issue(alice, name=name)[0] for name in ("one", "two", "three")]
    keys[0].revoke()

    sent = {"action": "revoke", "_selected_action": [key.pk for key in keys], "sure": "yes"}
    operator.post("/admin/accounts/apikey/", sent)

    entries = AuditEntry.objects.order_by("label")
    assert [(found.action, found.label) for found in entries] == [("revoked", "three"), ("revoked", "two")]
    assert entries[0].before == {"revoked_at": None}
    assert entries[0].after is not None
    assert list(entries[0].after) == ["revoked_at"]


def test_a_tiers_limits_are_recorded(operator: Client) -> None:
    tier = Tier.objects.get(name="pro")
    form = {
        name: getattr(tier, name)
        for name in (
            "payload_bytes",
            "default_ttl",
            "max_ttl",
            "requests_per_minute",
            "max_memories",
            "max_bytes",
            "pool",
        )
    }
    operator.post("/admin/accounts/tier/pro/change/", form | {"burst": 99})

    assert (entry().kind, entry().object_id) == ("tier", "pro")
    assert (entry().before, entry().after) == ({"burst": 50}, {"burst": 99})


def test_a_deleted_user_is_recorded_and_the_record_outlives_it(operator: Client, alice: User) -> None:
    public_id = alice.public_id
    ApiKey.issue(alice)
    operator.post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"})

    assert not User.objects.filter(public_id=public_id).exists()
    assert (entry().action, entry().object_id, entry().after) == ("deleted", public_id, None)
    assert entry().before is not None
    assert entry().before["email"] == "alice@example.com"
    assert entry().before["password"] == "hidden"


def test_what_is_deleted_by_djangos_own_action_is_recorded_too(operator: Client, alice: User) -> None:
    now = timezone.now()
    move = PoolMove.objects.create(user=alice, pool="old", at=now, look_at=now)
    form = {"action": "delete_selected", "_selected_action": [move.pk], "post": "yes"}
    operator.post("/admin/accounts/poolmove/", form)

    assert (entry().action, entry().kind, entry().after) == ("deleted", "pool move", None)


def test_passwords_are_told_to_have_changed_and_nothing_of_them(operator: Client, alice: User) -> None:
    new = {"password1": "another long passphrase", "password2": "another long passphrase"}
    operator.post(f"/admin/accounts/user/{alice.pk}/password/", new | {"usable_password": "true"})
    mine = {
        "old_password": PASSPHRASE,
        "new_password1": "my new passphrase",
        "new_password2": "my new passphrase",
    }
    operator.post("/admin/password_change/", mine)

    entries = AuditEntry.objects.order_by("label")
    assert [(found.label, found.action) for found in entries] == [
        ("alice@example.com", "password changed"),
        ("ops@example.com", "password changed"),
    ]
    assert {str((found.before, found.after)) for found in entries} == {
        "({'password': 'hidden'}, {'password': 'hidden'})"
    }


def test_an_entry_neither_changes_nor_goes(operator: Client, alice: User) -> None:
    operator.post(f"/admin/accounts/user/{alice.pk}/change/", user_form(alice, tier="pro"))
    page = f"/admin/accounts/auditentry/{entry().pk}"

    with pytest.raises(TypeError):
        entry().save()
    with pytest.raises(TypeError):
        entry().delete()
    assert operator.get("/admin/accounts/auditentry/").status_code == 200
    assert operator.get(f"{page}/change/").status_code == 200
    assert operator.post(f"{page}/change/", {"label": "nobody"}).status_code == 403
    assert operator.get(f"{page}/delete/").status_code == 403
    assert operator.get("/admin/accounts/auditentry/add/").status_code == 403
    assert set(
        Permission.objects.filter(content_type__model="auditentry").values_list("codename", flat=True)
    ) == {"view_auditentry"}


def test_a_change_that_fails_leaves_no_entry_and_an_entry_that_fails_no_change(
    operator: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(AuditEntry, "save", fail)
    with pytest.raises(RuntimeError):
        operator.post(f"/admin/accounts/user/{alice.pk}/change/", user_form(alice, tier="pro"))

    alice.refresh_from_db()
    assert alice.tier_id == "free"


def test_an_action_of_ones_own_is_recorded_as_a_whole(db: None, rf: Any, alice: User) -> None:
    request = rf.post("/")
    request.user = alice
    with audited(request, "suspended", User.objects.all()):
        User.objects.update(is_active=False)

    assert (entry().action, entry().before, entry().after) == (
        "suspended",
        {"is_active": True},
        {"is_active": False},
    )


def test_a_log_line_tells_of_it_without_the_values(
    operator: Client, alice: User, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    caplog.set_level(logging.INFO, "stash.audit")
    with django_capture_on_commit_callbacks(execute=True):
        operator.post(f"/admin/accounts/user/{alice.pk}/change/", user_form(alice, tier="pro"))

    (line,) = [record for record in caplog.records if record.name == "stash.audit"]
    assert line.msg == "admin_changed"
    assert line.fields == {
        "user_id": entry().operator_id,
        "action": "changed",
        "kind": "user",
        "object_id": alice.public_id,
    }


@pytest.mark.parametrize("what", ["revoked", "expires"])
def test_what_a_change_does_to_a_keys_descendants_is_recorded_in_a_few_queries(
    operator: Client, alice: User, what: str, django_assert_max_num_queries: Any
) -> None:
    root, _ = ApiKey.issue(alice, name="root")
    for number in range(20):
        ApiKey.issue(alice, name=f"child {number}", parent=root, depth=2)

    with django_assert_max_num_queries(60):
        if what == "revoked":
            sent = {"action": "revoke", "_selected_action": [root.pk], "sure": "yes"}
            operator.post("/admin/accounts/apikey/", sent)
        else:
            form = {"name": "root", "expires_at_0": "2027-01-01", "expires_at_1": "00:00:00"}
            operator.post(f"/admin/accounts/apikey/{root.pk}/change/", form)

    field = "revoked_at" if what == "revoked" else "expires_at"
    assert [tuple(found.after or ()) for found in AuditEntry.objects.all()] == [(field,)] * 21
