"""`make demo`: a living dashboard by one command, and nothing left of it after Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from demo.tenants import TENANTS
from stash_memory import local
from tests.server_process import clean_environment
from tests.servers.process import wait_until
from tests.servers.redis_server import RedisServer

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"^http://\S+/admin/sign-in/\S+/$", re.MULTILINE)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
LIVE = re.compile(r"<dt>Live memories</dt><dd>([\d,]+)</dd>")
IN_ALL = re.compile(r"([\d,]+) in all")


@contextmanager
def started(folder: Path, *options: str, **settings: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A demo, and the link that it printed."""
    said = folder / "said"
    with said.open("wb") as output:
        demo = subprocess.Popen(
            [sys.executable, "-m", "demo", *options],
            cwd=ROOT,
            env=clean_environment(STASH_HOME=str(folder / "demo"), **settings),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: demo.poll() is not None or LINK.search(said.read_text()), seconds=60)
        found = LINK.search(said.read_text())
        assert found, said.read_text()
        yield demo, found[0]
    finally:
        demo.terminate()
        demo.wait(timeout=40)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with started(tmp_path) as demo:
        yield demo


def test_it_shows_a_living_dashboard_until_ctrl_c(demo: tuple[subprocess.Popen[bytes], str]) -> None:
    process, link = demo
    parts = urlsplit(link)
    url = f"{parts.scheme}://{parts.netloc}"

    with httpx2.Client(follow_redirects=True, timeout=30) as operator:
        page = first_page(operator, link)
        before = requests(page)
        live = LIVE.search(page)
        assert live is not None
        assert int(live[1]) > 0
        for window in ("hour", "day", "month"):
            page = operator.get(f"{url}/admin/", params={"window": window}).text
            assert all(tenant.email in page for tenant in TENANTS)
            assert "No data in this window." not in page
        wait_until(lambda: requests(operator.get(f"{url}/admin/").text) > before, seconds=20)

    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=40) == 0
    assert not local.is_listening(url)


def test_its_memories_may_live_in_a_redis_for_each_tier(tmp_path: Path) -> None:
    tiers = ("free", "pro", "enterprise")
    with ExitStack() as stack:
        servers = {name: RedisServer() for name in ("", *tiers)}
        for server in servers.values():
            stack.callback(server.stop)
        settings = {f"REDIS_URL_{name.upper()}": servers[name].url for name in tiers}
        options = ("--backend", "redis", "--redis-url", servers[""].url)
        _, link = stack.enter_context(started(tmp_path, *options, **settings))
        operator = stack.enter_context(httpx2.Client(follow_redirects=True, timeout=30))

        page = first_page(operator, link)

    live = LIVE.search(page)
    assert live is not None
    assert int(live[1]) > 0
    assert all(f'<th scope="row">{name}</th>' in page for name in tiers)


def first_page(operator: httpx2.Client, link: str) -> str:
    """Signed in by the link."""
    token = TOKEN.search(operator.get(link).text)
    assert token is not None
    return operator.post(link, data={"csrfmiddlewaretoken": token[1]}).text


def test_it_empties_no_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years")

    done = subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        env=clean_environment(STASH_HOME=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, os.listdir(tmp_path)) == (1, ["thesis.txt"])
    assert "is not a demo's folder" in done.stderr


def requests(page: str) -> int:
    """Of the last hour, as the page has them."""
    found = IN_ALL.search(page)
    assert found is not None
    return int(found[1].replace(",", ""))
