"""API keys: made, rotated and revoked, with a secret that is shown once."""

import json
import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from accounts.key_rotation import rotate
from accounts.key_rules import new_key_id
from accounts.key_secret import digest_of
from accounts.models import ApiKey, AuditEntry, User

SECRET = re.compile(r"sk_(?:live|local)_[0-9A-Za-z]{38}")
LIST = "/admin/accounts/apikey/"


def form(alice: User, **fields: Any) -> dict[str, Any]:
    return {"user": alice.pk, "name": "agent", "prefix": "", "expires_at_0": "", "expires_at_1": ""} | fields


def made(client: Client, alice: User, **fields: Any) -> tuple[ApiKey, str]:
    page = client.post(f"{LIST}add/", form(alice, **fields))
    (secret,) = set(SECRET.findall(page.content.decode()))
    return ApiKey.objects.get(digest=digest_of(secret)), secret


def test_the_secret_is_shown_once_and_is_nowhere_else(
    operator: Client, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page = operator.post(f"{LIST}add/", form(alice))
    (secret,) = set(SECRET.findall(page.content.decode()))
    key = ApiKey.objects.get()

    assert (page.status_code, "no-store" in page["Cache-Control"]) == (200, True)
    assert (key.user, key.name, key.digest) == (alice, "agent", digest_of(secret))
    kept = [*Session.objects.values(), *AuditEntry.objects.values(), *LogEntry.objects.values()]
    kept += [{"data": session.get_decoded()} for session in Session.objects.all()]
    cookies = [cookie.OutputString() for cookie in operator.cookies.values()]
    pages = [LIST, f"{LIST}{key.pk}/change/", "/admin/", f"/admin/accounts/user/{alice.pk}/change/"]
    pages += [f"/admin/accounts/auditentry/{entry.pk}/change/" for entry in AuditEntry.objects.all()]
    told = [operator.get(path).content.decode() for path in pages]
    for text in [*map(str, kept), *cookies, *told, caplog.text]:
        assert secret not in text
        assert key.digest.hex() not in text


def test_a_form_that_is_sent_again_makes_no_second_key_and_shows_nothing(
    operator: Client, alice: User
) -> None:
    form_id = new_key_id()
    key, secret = made(operator, alice, form_id=form_id)
    again = operator.post(f"{LIST}add/", form(alice, form_id=form_id), follow=True)

    assert key.public_id == form_id
    assert ApiKey.objects.count() == 1
    assert again.redirect_chain == [(f"{LIST}{key.pk}/change/", 302)]
    assert "its secret was shown once" in again.content.decode()
    assert not SECRET.search(again.content.decode())
    assert secret not in again.content.decode()


def test_the_form_has_a_new_id_each_time_and_takes_no_other_text_for_one(
    operator: Client, alice: User
) -> None:
    ids = {
        re.search(r'name="form_id" value="(key_\w{12})"', operator.get(f"{LIST}add/").content.decode())[1]
        for _ in range(2)
    }
    assert len(ids) == 2

    operator.post(f"{LIST}add/", form(alice, form_id="sk_live_of_somebody"))
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("fields", [{"prefix": "/x"}, {"name": "a\nb"}, {"user": ""}])
def test_what_is_wrong_with_a_new_key_is_a_sentence(
    operator: Client, alice: User, fields: dict[str, str]
) -> None:
    page = operator.post(f"{LIST}add/", form(alice, **fields))

    assert page.status_code == 200
    assert not SECRET.search(page.content.decode())
    assert not ApiKey.objects.exists()


def test_a_new_key_does_not_end_in_the_past_and_the_form_says_that_times_are_utc(
    operator: Client, alice: User
) -> None:
    past = {"expires_at_0": "2020-01-01", "expires_at_1": "00:00:00"}
    page = operator.post(f"{LIST}add/", form(alice, **past)).content.decode()

    assert "The expiry is in the past; times are in UTC." in page
    assert "In UTC. Empty: it does not expire." in page
    assert not ApiKey.objects.exists()
    made(operator, alice, expires_at_0="2090-01-01", expires_at_1="00:00:00")


def test_a_rotated_key_has_a_new_secret_and_the_old_one_ends_after_the_grace_period(
    operator: Client, alice: User
) -> None:
    end = timezone.now() + timedelta(days=30)
    old, _ = ApiKey.issue(alice, name="agent", read_only=True, prefix="run/", expires_at=end)
    child, _ = ApiKey.issue(
        alice, name="child", parent=old, depth=2, read_only=True, prefix="run/", expires_at=end
    )
    page = operator.post(f"{LIST}{old.pk}/rotate/", {"grace_seconds": "600"})
    (secret,) = set(SECRET.findall(page.content.decode()))

    new = ApiKey.objects.get(digest=digest_of(secret))
    old.refresh_from_db()
    child.refresh_from_db()
    for field in ("name", "read_only", "prefix", "user", "parent", "depth"):
        assert getattr(new, field) == getattr(old, field)
    assert new.expires_at == end
    assert abs((old.expires_at - timezone.now()).total_seconds() - 600) < 60
    assert (child.parent, child.expires_at, child.revoked_at) == (new, end, None)
    entries = {(entry.action, entry.object_id): entry for entry in AuditEntry.objects.all()}
    assert set(entries) == {
        ("rotated", old.public_id),
        ("rotated", child.public_id),
        ("created", new.public_id),
    }
    assert secret not in json.dumps(list(AuditEntry.objects.values("before", "after", "label")))

    new.revoke()
    child.refresh_from_db()
    assert child.revoked_at is not None, "what belongs to the new key ends with it"


def test_without_a_grace_period_the_old_secret_is_refused_from_now_on(operator: Client, alice: User) -> None:
    old, _ = ApiKey.issue(alice)
    operator.post(f"{LIST}{old.pk}/rotate/", {"grace_seconds": "0"})

    old.refresh_from_db()
    assert old.state(timezone.now()) == "expired"
    assert [key.state(timezone.now()) for key in ApiKey.objects.exclude(pk=old.pk)] == ["live"]


def test_a_rotation_never_lengthens_the_old_keys_life(operator: Client, alice: User) -> None:
    end = timezone.now() + timedelta(seconds=60)
    old, _ = ApiKey.issue(alice, expires_at=end)
    operator.post(f"{LIST}{old.pk}/rotate/", {"grace_seconds": "3600"})

    assert set(ApiKey.objects.values_list("expires_at", flat=True)) == {end}


def test_a_rotation_tells_when_both_keys_end_and_the_log_names_the_new_one(
    operator: Client, alice: User
) -> None:
    end = timezone.now().replace(microsecond=0) + timedelta(seconds=600)
    old, _ = ApiKey.issue(alice, expires_at=end)
    page = operator.post(f"{LIST}{old.pk}/rotate/", {"grace_seconds": "3600"}).content.decode()

    moment = f"{date_format(end, 'j M Y, H:i:s')} UTC"
    assert f"The old secret, {old.visible_part}..., works until {moment}." in page
    assert f"It expires on {moment}." in page
    new = ApiKey.objects.exclude(pk=old.pk).get()
    rotated = AuditEntry.objects.get(action="rotated")
    assert (rotated.object_id, rotated.after) == (old.public_id, {"replaced_by": new.public_id})


def test_a_key_that_was_replaced_is_not_rotated_again(operator: Client, alice: User) -> None:
    old, _ = ApiKey.issue(alice)
    new, _ = rotate(old, 600)
    sentence = f"This key has been replaced by {new.public_id}; rotate that one."

    with pytest.raises(ValidationError, match=sentence):
        rotate(old, 600)
    page = operator.post(f"{LIST}{old.pk}/rotate/", {"grace_seconds": "60"}).content.decode()
    assert sentence in page
    assert set(ApiKey.objects.all()) == {old, new}
    assert not AuditEntry.objects.exists()
    new.refresh_from_db()
    assert new.expires_at is None
    link = f'href="{LIST}{{}}/rotate/"'
    assert link.format(old.pk) not in operator.get(f"{LIST}{old.pk}/change/").content.decode()
    assert link.format(new.pk) in operator.get(f"{LIST}{new.pk}/change/").content.decode()
    rotate(new, 600)


def test_a_key_outlives_the_one_that_replaced_it_where_that_is_deleted(alice: User) -> None:
    old, _ = ApiKey.issue(alice)
    new, _ = rotate(old, 600)
    new.delete()

    old.refresh_from_db()
    assert old.replaced_by is None


@pytest.mark.parametrize("grace", ["-1", "x", "", "2592001"])
def test_a_bad_grace_period_changes_nothing(operator: Client, alice: User, grace: str) -> None:
    old, _ = ApiKey.issue(alice)

    assert operator.post(f"{LIST}{old.pk}/rotate/", {"grace_seconds": grace}).status_code == 200
    assert ApiKey.objects.count() == 1


def test_a_key_that_has_ended_is_not_rotated(operator: Client, alice: User) -> None:
    old, _ = ApiKey.issue(alice)
    old.revoke()
    page = operator.post(f"{LIST}{old.pk}/rotate/", {"grace_seconds": "60"}).content.decode()

    assert "This key has expired or was revoked; make a new one." in page
    assert ApiKey.objects.count() == 1


def test_a_rotation_that_is_sent_again_makes_no_second_key(operator: Client, alice: User) -> None:
    old, _ = ApiKey.issue(alice)
    sent = {"grace_seconds": "60", "form_id": new_key_id()}
    assert SECRET.search(operator.post(f"{LIST}{old.pk}/rotate/", sent).content.decode())
    again = operator.post(f"{LIST}{old.pk}/rotate/", sent, follow=True)

    assert not SECRET.search(again.content.decode())
    assert ApiKey.objects.count() == 2


def chosen(*keys: ApiKey) -> dict[str, Any]:
    return {"action": "revoke", "_selected_action": [key.pk for key in keys]}


def test_a_revocation_is_asked_for_with_whose_keys_and_how_many_end_with_them(
    operator: Client, alice: User, root: User
) -> None:
    gone, parent, other = (ApiKey.issue(alice, name=name)[0] for name in ("gone", "parent", "other"))
    child, _ = ApiKey.issue(alice, parent=parent, depth=2)
    ApiKey.issue(alice, parent=child, depth=3)
    ApiKey.issue(alice, parent=parent, depth=2)[0].revoke()
    theirs, _ = ApiKey.issue(root, name="theirs")
    gone.revoke()
    page = operator.post(LIST, chosen(gone, parent, other, theirs)).content.decode()

    assert "Revoke 3 API keys?" in page
    assert "2 keys descend from them" in page
    assert "root@example.com: theirs" in page
    assert "alice@example.com: other, parent" in page
    assert "Revoking cannot be undone." in page
    assert ApiKey.objects.filter(revoked_at=None).count() == 5
    assert not AuditEntry.objects.exists()

    told = operator.post(LIST, chosen(parent) | {"sure": "yes"}, follow=True).content.decode()
    assert "3 API keys revoked." in told
    assert set(ApiKey.objects.filter(revoked_at=None)) == {other, theirs}


def test_keys_that_are_revoked_already_are_not_asked_about(operator: Client, alice: User) -> None:
    key, _ = ApiKey.issue(alice)
    key.revoke()

    told = operator.post(LIST, chosen(key), follow=True).content.decode()
    assert "Already revoked." in told


def test_keys_are_revoked_and_not_deleted(operator: Client, superuser: Client, alice: User) -> None:
    key, _ = ApiKey.issue(alice)
    page = operator.post(LIST, chosen(key) | {"sure": "yes"}, follow=True).content.decode()

    assert "1 API key revoked." in page
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert superuser.get(f"{LIST}{key.pk}/delete/").status_code == 403


def test_a_search_for_a_whole_secret_finds_its_key_without_repeating_it(
    operator: Client, alice: User
) -> None:
    key, secret = ApiKey.issue(alice, name="wanted")
    ApiKey.issue(alice, name="other")
    answer = operator.get(LIST, {"q": f" {secret} "}, follow=True)

    assert answer.redirect_chain == [(f"{LIST}?q={key.visible_part}", 302)]
    page = answer.content.decode()
    assert "wanted" in page
    assert "other" not in page
    assert secret not in page


def test_a_list_of_keys_takes_as_many_queries_as_one_key(
    operator: Client, alice: User, django_assert_max_num_queries: Any
) -> None:
    root, _ = ApiKey.issue(alice, name="root")
    for number in range(30):
        ApiKey.issue(alice, name=f"child {number}", parent=root, depth=2)
    operator.get(LIST)

    with django_assert_max_num_queries(20):
        assert "child 29" in operator.get(LIST).content.decode()
    with django_assert_max_num_queries(20):
        assert "child 29" in operator.get(f"{LIST}{root.pk}/change/").content.decode()


@pytest.mark.parametrize("state", ["live", "replaced", "expired", "revoked"])
def test_the_list_can_be_narrowed_to_a_state(operator: Client, alice: User, state: str) -> None:
    keys = {
        name: ApiKey.issue(alice, name=f"is-{name}")[0] for name in ("live", "replaced", "expired", "revoked")
    }
    new, _ = rotate(keys["replaced"], 600)
    ApiKey.objects.filter(pk=new.pk).update(name="new", revoked_at=timezone.now())
    keys["revoked"].revoke()
    ApiKey.objects.filter(pk=keys["expired"].pk).update(expires_at=timezone.now())
    page = operator.get(LIST, {"state": state}).content.decode()

    assert [name for name in keys if f"is-{name}" in page] == [state]


def test_a_replaced_key_says_so_and_when_it_ends(operator: Client, alice: User) -> None:
    root, _ = ApiKey.issue(alice)
    old, _ = ApiKey.issue(alice, parent=root, depth=2)
    new, _ = rotate(old, 600)
    old.refresh_from_db()
    end = f"{old.expires_at:%-d %b %Y, %H:%M:%S} UTC"

    listed = operator.get(LIST, {"state": "replaced"}).content.decode()
    assert f"replaced, ends {end}" in listed
    page = operator.get(f"{LIST}{old.pk}/change/").content.decode()
    assert f"replaced, ends {end}" in page
    assert f'href="{LIST}{new.pk}/change/"' in page
    assert "<span>replaced</span>" in operator.get(f"{LIST}{root.pk}/change/").content.decode()

    ApiKey.objects.filter(pk=old.pk).update(expires_at=None)
    assert "replaced" in operator.get(f"{LIST}{old.pk}/change/").content.decode()
