"""Minting and revoking at once never leave a live child of a dead parent: on SQLite, and on a real PostgreSQL."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.server_process import ServerProcess, clean_environment
from tests.servers import shared

CHECKOUT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Of a service whose database is made, and empty."""
    home = tmp_path_factory.mktemp("races")
    settings = {"STASH_HOME": str(home), "DJANGO_SETTINGS_MODULE": "stash_site.settings"}
    if request.param == "postgres":
        settings["DATABASE_URL"] = shared.postgres_server().create_database()
    ServerProcess(home, **{name: settings[name] for name in settings if name == "DATABASE_URL"}).manage(
        "migrate"
    )
    return settings


def race(settings: dict[str, str], name: str) -> Any:
    """What came out of the race in tests/accounts/races.py."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.accounts.races", name],
        env=clean_environment(**settings),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_key_that_is_being_minted_is_revoked_with_its_forebears(settings: dict[str, str]) -> None:
    assert race(settings, "mint_first") == [False, False, False]


def test_a_key_that_is_being_revoked_and_its_heirs_mint_nothing(settings: dict[str, str]) -> None:
    assert race(settings, "revoke_first") == ["InvalidApiKey"] * 3


def test_in_a_storm_of_mints_a_revocation_leaves_no_key_alive(settings: dict[str, str]) -> None:
    assert race(settings, "storm") == [0, True]


def test_fifty_mints_at_once_keep_to_the_bound(settings: dict[str, str]) -> None:
    assert race(settings, "bound") == [5, 45, 8]
