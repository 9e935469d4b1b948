"""The state in STASH_HOME: whose it is, and what a restart or a kill leaves of it."""

import stat
from pathlib import Path

from tests.acceptance.stash_command import stash_command


def test_nobody_else_can_read_the_state(own_server) -> None:
    server = own_server()
    with server.client() as local:
        local.post("/stash", json={"data": 1})

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in server.home.iterdir()}
    assert modes["local_key"] == modes["secret_key"] == 0o600
    assert modes["memories.db"] == 0o600
    assert modes["site.db"] == 0o600


def test_a_home_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    stash_command("manage", "migrate", home=tmp_path / "made")

    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o700


def test_data_and_key_survive_a_restart(own_server) -> None:
    server = own_server()
    key = server.key
    with server.client() as local:
        memory_id = local.post("/stash", json={"data": "kept"}).json()["memory_id"]
    assert server.stop() == 0

    server.restart()

    assert server.key == key
    with server.client() as local:
        assert local.get(f"/recall/{memory_id}").json()["data"] == "kept"


def test_five_hundred_acknowledged_writes_survive_a_kill(own_server) -> None:
    server = own_server("--workers", "2")
    with server.client() as local:
        kept = {local.post("/stash", json={"data": n}).json()["memory_id"]: n for n in range(500)}
    server.kill()

    server.restart()

    with server.client() as local:
        assert {memory_id: local.get(f"/recall/{memory_id}").json()["data"] for memory_id in kept} == kept
