"""Every page of the admin with every role. A page that is new in the URL conf is tested here, or fails here."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, AuditEntry, PoolMove, User
from storage.models import PurgeRun
from tests.operators.admin.routes import PAGES, in_url_conf, known

CONF = dict(in_url_conf())
ROLES = ("superuser", "operator", "viewer")
every_page = pytest.mark.parametrize("name", sorted({*CONF, *PAGES}))


@pytest.fixture
def clients(superuser: Client, operator: Client, viewer: Client) -> dict[str, Client]:
    return {"superuser": superuser, "operator": operator, "viewer": viewer}


@pytest.fixture
def there(alice: User, root: User) -> dict[str, object]:
    """Something of each kind, for the pages to be about."""
    now = timezone.now()
    move = PoolMove.objects.create(user=alice, pool="free", at=now, look_at=now + timedelta(days=1))
    entry = AuditEntry.objects.create(
        operator_id=root.public_id, operator_email=root.email, action="changed", kind="user", label="alice"
    )
    return {
        "user": alice.pk,
        "apikey": ApiKey.issue(alice)[0].pk,
        "tier": "pro",
        "poolmove": move.pk,
        "auditentry": entry.pk,
        "purgerun": PurgeRun.objects.create(
            started_at=now, memories=0, bytes=0, live_memories=0, live_bytes=0
        ).pk,
    }


def url(name: str, there: dict[str, object]) -> str:
    path = CONF[name]
    model = path.split("/")[3] if path.count("/") > 3 else ""
    path = re.sub(r"\^\(\?P\{app_label\}.*$", "accounts/", path)
    path = path.replace("{token}", "no-such-token").replace("{content_type_id}/{object_id}", "1/1")
    path = path.replace("{public_id}", str(User.objects.get(pk=there["user"]).public_id))
    query = "?app_label=accounts&model_name=apikey&field_name=user&term=a" if name == "autocomplete" else ""
    return re.sub(r"\{\w+\}", str(there.get(model)), path) + query


def test_a_page_that_nobody_thought_of_fails_with_what_is_to_be_done() -> None:
    with pytest.raises(
        LookupError, match=r"admin's page accounts_new is not in PAGES .*: say who may open it"
    ):
        known("accounts_new")


@every_page
def test_only_those_who_may_read_a_page_do(
    clients: dict[str, Client], tenant: Client, there: dict[str, object], name: str
) -> None:
    access, path = known(name), url(name, there)
    for role in ROLES:
        status = clients[role].get(path).status_code
        assert (status in (200, 302, 410)) == (role in access.read), (role, path, status)
        if role not in access.read:
            assert status in (403, 404, 405), (role, path, status)
    for nobody in (Client(), tenant):
        answer = nobody.get(path)
        if not access.open:
            assert (answer.status_code, answer.headers.get("Location", "").partition("?")[0]) == (
                302,
                "/admin/login/",
            )


@every_page
def test_only_those_who_may_change_something_do(
    clients: dict[str, Client], tenant: Client, there: dict[str, object], name: str
) -> None:
    access, path = known(name), url(name, there)
    if access.open:
        return
    before = everything()
    for client in [*(clients[role] for role in ROLES if role not in access.write), Client(), tenant]:
        client.post(path, {"post": "yes", "action": "delete_selected", "_selected_action": "1", "name": "x"})
        client.post(path, {"action": "revoke", "_selected_action": str(there["apikey"]), "sure": "yes"})
        client.post(path, {"action": "suspend", "_selected_action": str(there["user"]), "grace_seconds": "0"})
    assert everything() == before
    for role in ROLES:
        if role in access.write:
            assert clients[role].post(path, {}).status_code in (200, 302, 410), role
        else:
            assert clients[role].post(path, {}).status_code in (200, 302, 403, 404, 405), role
    assert everything() == before or "delete" in name


@every_page
def test_a_form_without_its_token_is_refused(superuser: Client, there: dict[str, object], name: str) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = superuser.cookies

    assert careful.post(url(name, there), {"post": "yes"}).status_code == 403


def everything() -> list[object]:
    """What operators could change, but for what each has seen."""
    users = User.objects.order_by("pk").values(
        "pk", "email", "tier", "is_active", "is_staff", "is_superuser", "password"
    )
    rows = [list(users), list(ApiKey.objects.order_by("pk").values("pk", "name", "expires_at", "revoked_at"))]
    return [*rows, PoolMove.objects.count(), PurgeRun.objects.count(), AuditEntry.objects.count(), groups()]


def groups() -> list[object]:
    return [(group.name, set(group.user_set.values_list("pk", flat=True))) for group in Group.objects.all()]
