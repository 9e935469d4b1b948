"""Roles: what each group may do follows from the models, after every `migrate`."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from accounts.roles import APPS, OPERATOR, VIEWER

pytestmark = pytest.mark.django_db


def rights(name: str) -> set[str]:
    return set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))


def test_a_viewer_may_read_everything_and_do_nothing() -> None:
    readable = Permission.objects.filter(content_type__app_label__in=APPS, codename__startswith="view_")

    assert rights(VIEWER) == set(readable.values_list("codename", flat=True))
    assert {"view_user", "view_apikey", "view_tier", "view_auditentry", "view_purgerun"} <= rights(VIEWER)


def test_an_operator_may_not_touch_tiers_nor_who_may_do_what() -> None:
    assert rights(OPERATOR) - rights(VIEWER) == {
        "add_user",
        "change_user",
        "delete_user",
        "add_apikey",
        "change_apikey",
        "delete_poolmove",
    }


def test_migrate_gives_a_role_back_what_it_is_and_keeps_what_is_not_its_own() -> None:
    group = Group.objects.get(name=OPERATOR)
    own = Permission.objects.get(codename="view_session")
    group.permissions.remove(*group.permissions.filter(codename="add_user"))
    group.permissions.add(own, Permission.objects.get(codename="change_tier"))

    call_command("migrate", verbosity=0)

    assert "add_user" in rights(OPERATOR)
    assert "change_tier" not in rights(OPERATOR)
    assert "view_session" in rights(OPERATOR)
