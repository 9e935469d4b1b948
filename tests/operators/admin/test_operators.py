"""What an operator may not do to operators, least of all to himself."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import Tier, User

PASSWORDS = {
    "password1": "another long phrase",
    "password2": "another long phrase",
    "usable_password": "true",
}
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions", "password")


def form(user: User, **fields: Any) -> dict[str, Any]:
    return {"email": user.email, "tier": user.tier_id, "is_active": "on"} | fields


def everything(user: User) -> dict[str, Any]:
    rights = Permission.objects.values_list("pk", flat=True)
    groups = Group.objects.values_list("pk", flat=True)
    return form(user, is_staff="on", is_superuser="on", groups=list(groups), user_permissions=list(rights))


def rights(user: User) -> tuple[Any, ...]:
    user = User.objects.get(pk=user.pk)
    return (
        user.is_staff,
        user.is_superuser,
        user.groups.count(),
        user.user_permissions.count(),
        user.password,
    )


def test_nobody_becomes_an_operator_by_an_operators_hand(operator: Client, olga: User, alice: User) -> None:
    before = rights(alice), rights(olga)

    page = operator.get(f"/admin/accounts/user/{alice.pk}/change/").content.decode()
    assert not [name for name in RIGHTS if f'name="{name}"' in page]
    assert operator.post(f"/admin/accounts/user/{alice.pk}/change/", everything(alice)).status_code == 302
    assert operator.post(f"/admin/accounts/user/{olga.pk}/change/", everything(olga)).status_code == 403
    new = {"email": "new@example.com", "tier": "free", **PASSWORDS}
    operator.post("/admin/accounts/user/add/", new | {"is_staff": "on", "is_superuser": "on"})

    assert (rights(alice), rights(olga)) == before
    made = User.objects.get(email="new@example.com")
    assert (made.is_staff, made.is_superuser, made.has_usable_password()) == (False, False, False)


@pytest.mark.parametrize("whose", ["root@example.com", "olga@example.com", "otto@example.com"])
def test_an_operators_account_is_out_of_an_operators_reach(
    operator: Client, superuser: Client, whose: str
) -> None:
    User.objects.create_user("otto@example.com", is_staff=True)
    found = User.objects.get(email=whose)
    before = rights(found), found.email, found.tier_id, found.is_active
    page = f"/admin/accounts/user/{found.pk}"

    assert operator.post(f"{page}/password/", PASSWORDS).status_code == 403
    assert operator.post(f"{page}/change/", form(found, email="mine@example.com")).status_code == 403
    assert operator.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    for action in ("suspend", "change_tier"):
        chosen = {"action": action, "_selected_action": [found.pk], "tier": "pro"}
        told = operator.post("/admin/accounts/user/", chosen, follow=True).content.decode()
        assert "Only superusers may change accounts of operators." in told
    found.refresh_from_db()
    assert (rights(found), found.email, found.tier_id, found.is_active) == before
    shown = operator.get(f"{page}/change/").content.decode()
    assert found.password not in shown


def test_nor_do_operators_set_passwords_or_change_tiers(operator: Client, alice: User) -> None:
    assert operator.post(f"/admin/accounts/user/{alice.pk}/password/", PASSWORDS).status_code == 403
    assert operator.post("/admin/accounts/tier/free/change/", {"burst": 99}).status_code == 403
    assert operator.post("/admin/accounts/tier/add/", {"name": "mine"}).status_code == 403
    assert Tier.objects.get(name="free").burst == 10


def test_groups_and_permissions_have_no_pages_at_all(superuser: Client) -> None:
    for path in ("auth/group/", "auth/permission/", "auth/", "sessions/session/"):
        assert superuser.get(f"/admin/{path}").status_code == 404


def test_a_viewer_sees_no_password_and_has_no_buttons(viewer: Client, alice: User, root: User) -> None:
    for user in (alice, root):
        page = viewer.get(f"/admin/accounts/user/{user.pk}/change/").content.decode()
        assert user.email in page
        assert user.password not in page
        assert re.search(r'name="(_save|_continue|is_active)"', page) is None
    assert 'name="action"' not in viewer.get("/admin/accounts/user/").content.decode()


def test_a_superuser_makes_operators_and_does_not_lock_himself_out(
    superuser: Client, root: User, alice: User
) -> None:
    role = Group.objects.get(name="operator")
    superuser.post(f"/admin/accounts/user/{alice.pk}/change/", form(alice, is_staff="on", groups=[role.pk]))
    alice.refresh_from_db()
    assert alice.is_staff
    assert list(alice.groups.all()) == [role]

    page = f"/admin/accounts/user/{root.pk}/change/"
    superuser.post(page, {"email": root.email, "tier": "pro"})
    superuser.post("/admin/accounts/user/", {"action": "suspend", "_selected_action": [root.pk]})
    root.refresh_from_db()
    assert (root.tier_id, root.is_active, root.is_staff, root.is_superuser) == ("pro", True, True, True)
