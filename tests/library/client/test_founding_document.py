"""The founding document's own snippets of Python, as they stand there."""

from typing import Any

import httpx2
import pytest

from stash_memory import Stash
from tests.server_process import ServerProcess
from tests.servers import shared

EMBED = """
# Or embed directly in your Python app
from stash_memory import Stash

stash = Stash()  # Uses SQLite, runs in-process
stash.set("my-key", {"task": "summarize", "progress": 0.5}, ttl=3600)
data = stash.get("my-key")
"""
EVERYWHERE = """
from stash_memory import Stash

# Local development (auto-detects best backend)
stash = Stash()

# Explicit local SQLite
stash = Stash(backend="sqlite")

# Local Redis
stash = Stash(backend="redis", redis_url="redis://localhost:6379")

# Hosted (just add API key)
stash = Stash(api_key="sk_live_...")
"""
MODIFY = """
# Fetch current data
current = requests.get(f"/recall/{memory_id}").json()["data"]

# Modify locally
current["new_field"] = "new value"

# Save back
requests.patch(f"/update/{memory_id}", json={"data": current})
"""


def run(snippet: str, **names: Any) -> dict[str, Any]:
    exec(snippet, names)
    return names


@pytest.fixture(params=["default", "memory", "sqlite", "redis", "hosted"])
def chosen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The environment that chooses a backend for `Stash()`."""
    if request.param == "redis":
        monkeypatch.setenv("REDIS_URL", shared.redis_server().url)
    if request.param == "hosted":
        server: ServerProcess = request.getfixturevalue("server")
        monkeypatch.setenv("STASH_API_KEY", server.key)
        monkeypatch.setenv("STASH_URL", server.url)
    elif request.param != "default":
        monkeypatch.setenv("STASH_BACKEND", request.param)
    return "sqlite" if request.param == "default" else request.param  # type: ignore[no-any-return]


def test_three_lines_of_python_keep_a_value_on_every_backend(chosen: str) -> None:
    names = run(EMBED)
    assert names["stash"].choice.backend == chosen
    assert names["data"] == {"task": "summarize", "progress": 0.5}
    assert 3590 <= names["stash"].ttl("my-key") <= 3600
    names["stash"].close()


def test_the_same_code_works_everywhere(server: ServerProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STASH_URL", server.url)
    used = []
    for line in EVERYWHERE.splitlines():
        if line.startswith("stash = "):
            ours = line.replace("redis://localhost:6379", shared.redis_server().url)
            stash = run(ours.replace("sk_live_...", server.key), Stash=Stash)["stash"]
            with stash:
                used.append(stash.choice.backend)
                stash.set("my-key", used)
                assert stash.get("my-key") == used
    assert used == ["sqlite", "sqlite", "redis", "hosted"]


def test_the_typical_workflow_of_a_change_over_http(server: ServerProcess) -> None:
    with server.client() as requests, Stash(api_key=server.key, base_url=server.url) as stash:
        memory = stash.stash({"task": "summarize"})
        assert isinstance(requests, httpx2.Client)
        run(MODIFY, requests=requests, memory_id=memory.memory_id)
        assert stash.get(memory.memory_id) == {"task": "summarize", "new_field": "new value"}
