"""Keys in local mode: where the local one is told again, and which are refused."""

import time
from pathlib import Path

from tests.acceptance.stash_command import stash_command


def test_stash_key_prints_the_key_again(own_server) -> None:
    server = own_server()

    assert stash_command("key", home=server.home).stdout.strip() == server.key


def test_stash_key_says_where_a_key_would_come_from(tmp_path: Path) -> None:
    done = stash_command("key", home=tmp_path / "nothing")

    assert done.returncode == 1
    assert done.stderr.strip().endswith("`stash serve` makes one.")


def test_a_suspended_users_keys_are_refused(own_server) -> None:
    server = own_server()
    key = server.create_key("bob@example.com")
    suspend = "from accounts.models import User; User.objects.filter(email='bob@example.com').update(is_active=False)"
    server.shell(suspend)

    with server.client(key) as bob:
        assert bob.get("/recall/x").status_code == 401


def test_an_expired_key_is_refused(own_server) -> None:
    server = own_server()
    key = server.create_key("bob@example.com", "--expires", "4")
    with server.client(key) as bob:
        assert bob.get("/recall/x").status_code == 404
        time.sleep(4)
        assert bob.get("/recall/x").status_code == 401
