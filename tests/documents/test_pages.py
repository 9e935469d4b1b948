"""Whatever the README and docs/ say to type does what they say. What cannot be run here says why, and is listed."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.documents import python, shell
from tests.documents.page import PAGES, ROOT, Block, blocks
from tests.server_process import ServerProcess, clean_environment
from tests.servers import shared

# Nobody leaves a block out in silence: a reason that is not here fails the test.
REASONS = {
    "creates this environment",
    "a server runs already",
    "needs Docker",
    "needs Kubernetes",
    "needs a production host",
    "needs another library",
    "nothing to run",
}
LEFT_OUT = [block for page in PAGES for block in blocks(page) if block.not_run]
CURL = 'silent\nshow-error\nfail-with-body\nwrite-out = "\\n"\n'


def by_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


class Reader:
    """Somebody with a server of their own, who types what a page says."""

    def __init__(self, server: ServerProcess, folder: Path) -> None:
        self.folder = folder
        self.words = {
            "http://localhost:8000": server.url,
            "http://127.0.0.1:8000": server.url,
            "https://api.stash.memory": server.url,
            "redis://localhost:6379": shared.redis_server().url,
            "sk_live_...": server.key,
        }
        (folder / ".curlrc").write_text(CURL)
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.settings = {"STASH_HOME": str(server.home), "STASH_URL": server.url, "CURL_HOME": str(folder)}
        self.environment = clean_environment(PATH=programs, **self.settings)
        self.names: dict[str, Any] = {"__name__": "__main__"}

    def run(self, block: Block) -> None:
        """Runs it, with this server's address and key."""
        text = block.text
        for word, ours in self.words.items():
            text = text.replace(word, ours)
        if block.language == "bash":
            shell.run(block._replace(text=text), self.environment, self.folder)
        elif block.language == "python":
            python.run(block._replace(text=text), self.names)
        else:
            assert block.language == "json", f"{block.page}:{block.line} is no bash, python or json; say why"
            json.loads(text)


@pytest.fixture
def reader(server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    """Leaves nothing behind that was not there before."""
    reader = Reader(server, tmp_path)
    for name in ("STASH_API_KEY", "STASH_BACKEND", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in reader.settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", reader.environment["PATH"])
    monkeypatch.chdir(tmp_path)
    before = ids(server)
    yield reader
    with server.client() as client:
        for memory_id in ids(server) - before:
            client.delete(f"/forget/{memory_id}")


def ids(server: ServerProcess) -> set[str]:
    """What the local user keeps; a thousand at most."""
    with server.client() as client:
        memories = client.get("/stash", params={"limit": "1000"}).json()["memories"]
    return {memory["memory_id"] for memory in memories}


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_block_of_the_page_does_what_the_page_says(page: Path, reader: Reader) -> None:
    for block in blocks(page):
        if block.not_run is None:
            reader.run(block)


@pytest.mark.parametrize("block", LEFT_OUT, ids=lambda block: f"{block.page}:{block.line} {block.not_run}")
def test_a_block_is_left_out_for_a_reason_that_is_known(block: Block) -> None:
    assert block.not_run in REASONS


def test_a_block_that_is_wrong_is_found(reader: Reader) -> None:
    wrong = [
        ("bash", "stash get no-such-key\n"),
        ("bash", "echo 10\n# -> 1\n"),
        ("python", "1 + 1  # -> 3\n"),
        ("python", "if False:\n    1 + 1  # -> 2\n"),
        ("text", "stash serve\n"),
    ]
    for language, text in wrong:
        with pytest.raises(AssertionError):
            reader.run(Block("page.md", 1, language, text, None))
