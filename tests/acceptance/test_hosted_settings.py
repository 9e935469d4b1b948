"""Hosted mode starts complete or not at all: one sentence for each fault, with no secret in it."""

from pathlib import Path

import pytest

from tests.acceptance.stash_command import stash_command
from tests.acceptance.test_hosted_server import COMPLETE

POOLS = {
    "REDIS_URL_FREE": "redis://free:6379",
    "REDIS_URL_PRO": "redis://pro:6379",
    "REDIS_URL_ENTERPRISE": "redis+sentinel://one:26379,two:26379/memories",
}
SAME = "REDIS_URL_FREE is the same Redis as REDIS_URL, which is for the cache and the broker alone where pools are set."

FAULTS = [
    ({"SECRET_KEY": "hunter2" * 3}, "SECRET_KEY must be at least 50 random characters; `openssl rand"),
    ({"SECRET_KEY": "hhhh" * 30}, "SECRET_KEY must be at least 50 random characters; `openssl rand"),
    ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS is ' , '; it must be host names, as in "),
    ({"ALLOWED_HOSTS": "https://stash.example"}, "ALLOWED_HOSTS is 'https://stash.example'; it must be host"),
    (
        {"DATABASE_URL": "sqlite:///site.db"},
        "DATABASE_URL is a SQLite file; in hosted mode it must be postgres:",
    ),
    (
        {"STASH_BACKEND": "memory"},
        "STASH_BACKEND is 'memory'; in hosted mode it must be one of: redis, database.",
    ),
    ({"REDIS_URL": "http://u:hunter2@h"}, "REDIS_URL must be redis://"),
    ({**POOLS, "REDIS_URL_PRO": "http://u:hunter2@h"}, "REDIS_URL_PRO must be redis://"),
    (
        {**POOLS, "REDIS_URL_PRO": ""},
        "REDIS_URL_PRO is required with REDIS_URL_ENTERPRISE and REDIS",
    ),
    (
        {**POOLS, "REDIS_URL_FREE": "redis://u:p@LOCALHOST:1/0"},
        SAME,
    ),
    (
        {**POOLS, "STASH_BACKEND": "database"},
        "REDIS_URL_ENTERPRISE is set, and STASH_BACKEND is 'database': pools",
    ),
    (
        {"STASH_TRUSTED_PROXIES": "all"},
        "STASH_TRUSTED_PROXIES is 'all'; it must be addresses or networks, as in",
    ),
    (
        {"STASH_CORS_ORIGINS": "app.example"},
        "STASH_CORS_ORIGINS is 'app.example'; it must be origins without a path",
    ),
    (
        {"STASH_CORS_ORIGINS": "https://a.example/"},
        "STASH_CORS_ORIGINS is 'https://a.example/'; it must be origins",
    ),
]


@pytest.mark.parametrize(("settings", "sentence"), FAULTS, ids=[sentence[:30] for _, sentence in FAULTS])
def test_a_fault_is_one_sentence(tmp_path: Path, settings: dict[str, str], sentence: str) -> None:
    done = stash_command("serve", "--port", "0", home=tmp_path, **{**COMPLETE, **settings})

    assert done.returncode == 2
    # One line, whichever process of the start found it.
    [line] = done.stderr.strip().splitlines()
    assert line.startswith(f"stash: {sentence}")
    assert "hunter2" not in line


def in_files(folder: Path, settings: dict[str, str], *names: str) -> dict[str, str]:
    """The settings, these of them by file, as containers are given secrets."""
    found = {name: value for name, value in settings.items() if name not in names}
    for name in names:
        (folder / name).write_text(f"{settings[name]}\n")
        found[f"{name}_FILE"] = str(folder / name)
    return found


def test_secrets_may_be_in_files(tmp_path: Path) -> None:
    names = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "REDIS_URL_PRO")
    settings = in_files(tmp_path, {**COMPLETE, **POOLS}, *names)
    code = (
        "from django.conf import settings as s; "
        "print([s.SECRET_KEY, s.DATABASES['default']['NAME'], s.REDIS_URL, s.STASH_POOLS['pro']])"
    )

    done = stash_command("manage", "shell", "-v", "0", "-c", code, home=tmp_path, **settings)

    assert done.stdout.strip() == str(
        [COMPLETE["SECRET_KEY"], "nothing", COMPLETE["REDIS_URL"], POOLS["REDIS_URL_PRO"]]
    )


@pytest.mark.parametrize(
    ("name", "content", "more", "sentence"),
    [
        (
            "SECRET_KEY",
            None,
            {},
            "SECRET_KEY_FILE is {path!r}, which cannot be read: No such file or directory.",
        ),
        ("SECRET_KEY", b" \n", {}, "SECRET_KEY_FILE is {path!r}, which is empty."),
        ("SECRET_KEY", b"\xff\xfe", {}, "SECRET_KEY_FILE is {path!r}, which is not text."),
        (
            "DATABASE_URL",
            b"postgres://u:hunter2@h/n",
            {"DATABASE_URL": "postgres://u:hunter2@h/n"},
            "DATABASE_URL and DATABASE_URL_FILE are both set; set only one.",
        ),
    ],
)
def test_a_secret_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, name: str, content: bytes | None, more: dict[str, str], sentence: str
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    settings = {**COMPLETE, f"{name}_FILE": str(path), **more}
    if not more:
        del settings[name]

    done = stash_command("manage", "check", home=tmp_path, **settings)

    assert done.returncode == 2
    assert done.stderr.strip() == f"stash: {sentence.format(path=str(path))}"


def test_a_complete_one_passes_djangos_own_check_for_deployment(tmp_path: Path) -> None:
    settings = {
        **COMPLETE,
        **POOLS,
        "STASH_TRUSTED_PROXIES": "10.0.0.0/8",
        "STASH_CORS_ORIGINS": "https://a.example",
    }

    done = stash_command("manage", "check", "--deploy", "--fail-level", "WARNING", home=tmp_path, **settings)

    assert done.returncode == 0, done.stderr
