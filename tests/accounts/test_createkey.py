"""`manage.py createkey`."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.core.management import CommandError, call_command

from accounts.key_secret import digest_of, is_well_formed
from accounts.models import ApiKey, AuditEntry, User

pytestmark = pytest.mark.django_db


def createkey(capsys: pytest.CaptureFixture[str], *arguments: str) -> ApiKey:
    call_command("createkey", *arguments)
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert is_well_formed(out.strip())
    return ApiKey.objects.get(digest=digest_of(out.strip()))


def test_it_makes_the_user_and_prints_the_key_alone(capsys: pytest.CaptureFixture[str]) -> None:
    key = createkey(capsys, "Ada@Example.com")

    assert (key.user.email, key.user.tier_id) == ("ada@example.com", "free")
    assert key.user.public_id.startswith("usr_")
    assert not key.user.has_usable_password()


def test_its_audit_entries_are_no_lines_between_a_script_and_the_key(
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
) -> None:
    with caplog.at_level("INFO"), django_capture_on_commit_callbacks(execute=True):
        createkey(capsys, "ada@example.com")

    assert AuditEntry.objects.count() == 2
    assert not caplog.records


def test_it_finds_a_user_who_exists(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (createkey(capsys, "ada@example.com", "--tier", tier) for tier in ("free", "pro"))

    assert first.user == second.user
    assert User.objects.get().tier_id == "pro"


def test_it_takes_a_name_a_scope_and_an_expiry(capsys: pytest.CaptureFixture[str]) -> None:
    key = createkey(
        capsys, "ada@example.com", "--name", "sub", "--read-only", "--prefix", "run-1/", "--expires", "60"
    )

    assert (key.name, key.read_only, key.prefix) == ("sub", True, "run-1/")
    assert key.expires_at is not None
    assert 59 <= (key.expires_at - key.created_at).total_seconds() <= 61


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no-address"], "Enter a valid email address."),
        (
            ["ada@example.com", "--tier", "gold"],
            "There is no tier 'gold'; choose one of: free, local, pro, enterprise.",
        ),
        (["ada@example.com", "--expires", "0"], "--expires must be a whole number of seconds, at least 1."),
        (
            ["ada@example.com", "--prefix", "/x"],
            'The prefix has a segment that is empty, "." or ".."; clients rewrite such paths.',
        ),
    ],
)
def test_bad_arguments_are_refused_and_leave_nothing(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("createkey", *arguments)

    assert str(refused.value) == sentence
    assert not User.objects.exists()
