"""A server whose disk is really full: it says so, loses nothing, and goes on when there is room."""

import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server_process import ServerProcess
from tests.servers.report import missing

DISK = "8m"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB, with a file of 1 MB in it that can be taken away."""
    if os.geteuid() != 0:
        missing("A small disk", "only root can mount one")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(place)], capture_output=True, text=True
    )
    if mounted.returncode:
        missing("A small disk", mounted.stderr.strip())
    (place / "somebody elses").write_bytes(bytes(1 << 20))
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def server(disk: Path, tmp_path: Path) -> Iterator[ServerProcess]:
    """Its state is on the small disk, and its log is not."""
    process = ServerProcess(tmp_path / "logs")
    process.environment["STASH_HOME"] = str(disk)
    yield process.start()
    process.stop()


def test_a_full_disk_refuses_writes_in_one_sentence_and_loses_nothing(
    server: ServerProcess, disk: Path
) -> None:
    key = (disk / "local_key").read_text().strip()
    with server.client(key) as local:
        kept = {}
        while True:
            text = random.randbytes(10_000).hex()
            answer = local.post("/stash", json={"data": text})
            if answer.status_code != 201:
                break
            kept[answer.json()["memory_id"]] = text
        assert (answer.status_code, answer.json()["code"]) == (507, "store_full")
        assert answer.json()["detail"] == "The store has no room for this write; nothing was stored."

        assert len(kept) > 50
        assert {name: local.get(f"/recall/{name}").json()["data"] for name in kept} == kept
        assert local.get("/stash?limit=1000").json()["cursor"] is None
        assert local.get("/whoami").status_code == 200
        # SQLite writes down what it forgets, too: there may be room for a few.
        forgotten = {name: local.delete(f"/forget/{name}").status_code for name in kept}
        assert set(forgotten.values()) <= {204, 507}
        left = [name for name, status in forgotten.items() if status == 507]
        assert {local.get(f"/recall/{name}").status_code for name in left} == {200}
        assert {local.get(f"/recall/{name}").status_code for name in forgotten.keys() - set(left)} <= {404}
        assert server.process
        assert server.process.poll() is None

        (disk / "somebody elses").unlink()

        assert local.post("/stash", json={"data": "room again"}).status_code == 201
        assert {local.delete(f"/forget/{name}").status_code for name in left[:20]} == {204}
    assert "Traceback" not in server.out + server.err
