"""`dist/stash`, the single executable, where there is nothing else: no Python, no PATH, an empty environment."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.server_process import ServerProcess

STASH = Path(__file__).parents[2] / "dist" / "stash"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with packages that have the names of the server's own, and blow up."""
    assert STASH.exists(), "make binary makes it"
    for name in (
        "accounts",
        "memories",
        "operators",
        "stash_site",
        "storage",
        "upkeep",
        "django",
        "gunicorn",
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong package')\n")
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator[ServerProcess]:
    """It, serving from a home that it has to make and to migrate."""
    server = ServerProcess(folder / "home", stash=[str(STASH)], folder=folder)
    server.environment = {"STASH_HOME": str(folder / "home")}
    began = time.monotonic()
    server.start()
    print(f"\nserving after {time.monotonic() - began:.1f} s, its migrations included")
    yield server
    server.stop()


def stash(folder: Path, *arguments: str, given: str = "") -> str:
    """What it prints, in an empty environment but for its home."""
    done = subprocess.run(
        [STASH, *arguments],
        env={"STASH_HOME": str(folder / "home")},
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_it_sets_and_gets_without_a_server(folder: Path) -> None:
    assert json.loads(stash(folder, "set", "plan", '{"step": 1}', "--ttl", "10m"))["ttl"] == 600
    stash(folder, "set", "report", "-", given='{"text": "long"}')
    assert stash(folder, "get", "plan") == '{"step": 1}'
    assert stash(folder, "ls", "--ids") == "plan\nreport"
    print(f"\n{STASH.stat().st_size / 1e6:.0f} MB")


def test_it_migrates_serves_and_shares_what_it_keeps(folder: Path, server: ServerProcess) -> None:
    key = stash(folder, "key")
    with server.client(key) as client:
        memory_id = client.post("/stash", json={"data": [1]}).json()["memory_id"]
        assert stash(folder, "get", memory_id) == "[1]"
        stash(folder, "set", "plan", '{"step": 1}')
        assert client.get("/recall/plan").json()["data"] == {"step": 1}
        assert stash(folder, "get", "plan", "--url", server.url) == '{"step": 1}'
        for page in ("/admin/login/", "/docs", "/openapi.json", "/llms.txt", "/health/ready"):
            assert client.get(page).status_code == 200, page
    with server.client(server.create_key("ada@example.com", "--tier", "free")) as ada:
        assert ada.get("/recall/plan").status_code == 404
        assert ada.get("/whoami").json()["tier"] == "free"


def test_the_pages_have_all_that_they_are_made_of(folder: Path, server: ServerProcess) -> None:
    link = stash(folder, "dashboard", "--no-open", "--url", server.url)
    with httpx2.Client(base_url=server.url, follow_redirects=True) as browser:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(link).text)
        assert token is not None
        first = browser.post(link, data={"csrfmiddlewaretoken": token[1]})
        paths = set(re.findall(r'href="(/admin/[^"#?]*)"', first.text))
        assert len(paths) > 5
        pages = [first, *(browser.get(path) for path in sorted({*paths, "/docs"}) if "logout" not in path)]
        parts = set()
        for page in pages:
            assert page.status_code == 200, page.url
            parts |= set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
        assert len(parts) > 10
        for part in sorted(parts):
            assert browser.get(part).status_code == 200, part


def test_it_stops_when_it_is_told_to_and_leaves_nothing_running(server: ServerProcess) -> None:
    assert server.stop() == 0
    with server.client() as client, pytest.raises(httpx2.ConnectError):
        client.get("/health/live")


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"STASH_PORT": "many"}, "STASH_PORT is 'many'; it must be a whole number, from 0 to 65535."),
        ({"STASH_MODE": "hosted"}, "STASH_MODE is 'hosted', which the single executable does not have; "),
    ],
)
def test_it_says_in_a_sentence_what_it_cannot_do(
    folder: Path, setting: dict[str, str], sentence: str
) -> None:
    done = subprocess.run(
        [STASH, "serve"],
        env={"STASH_HOME": str(folder / "home")} | setting,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"stash: {sentence}")
    assert done.stderr.count("\n") == 1
