"""Embedded code and `stash serve` on one STASH_HOME are one store, while both are open."""

import json
import subprocess
from collections.abc import Callable

import pytest

from stash_memory import MemoryNotFound, Stash
from tests.server_process import ServerProcess


def curl(server: ServerProcess, path: str, *arguments: str) -> dict[str, object]:
    """What curl prints, with the local key."""
    command = ["curl", "--silent", "--show-error", "-H", f"X-API-KEY: {server.key}", *arguments]
    done = subprocess.run([*command, f"{server.url}{path}"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout) if done.stdout else {}  # type: ignore[no-any-return]


def test_what_one_keeps_the_other_recalls(
    own_server: Callable[..., ServerProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = own_server()
    monkeypatch.setenv("STASH_HOME", str(server.home))
    with Stash() as stash, Stash(api_key=server.key, base_url=server.url) as hosted:
        stash.set("from-python", {"task": "summarize"}, ttl=600)
        answer = curl(server, "/recall/from-python")
        assert answer["data"] == {"task": "summarize"}
        made = curl(server, "/stash", "-d", '{"data": [1, 2], "ttl": 600}')
        memory = stash.recall(str(made["memory_id"]))
        assert memory.data == [1, 2]
        assert memory.version == hosted.recall(memory.memory_id).version
        curl(server, f"/forget/{memory.memory_id}", "-X", "DELETE")
        with pytest.raises(MemoryNotFound):
            stash.recall(memory.memory_id)
        stash.forget("from-python")
        assert curl(server, "/recall/from-python")["code"] == "memory_not_found"
        for _ in range(5):
            stash.transform("n", lambda n: n + 1, default=0)
            hosted.transform("n", lambda n: n + 1)
        assert stash.get("n") == hosted.get("n") == 10
        assert [e.memory_id for e in stash.list()] == [e.memory_id for e in hosted.list()] == ["n"]
