"""`stash dashboard`: a link into the local server's dashboard, printed, and opened where there is a browser."""

import re
import stat
from pathlib import Path

import httpx2

from stash_memory import local
from tests.cli.command import Command
from tests.server_process import ServerProcess

LINK = re.compile(r"(http://127\.0\.0\.1:\d+)/admin/sign-in/([\w-]{43})/\n")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def test_the_link_signs_in_once_and_its_token_is_in_no_log(own_server, stash: Command) -> None:
    server: ServerProcess = own_server()
    done = stash("dashboard", "--no-open", STASH_HOME=str(server.home))
    assert (done.code, done.err) == (0, "")
    link = LINK.fullmatch(done.out)
    assert link is not None
    assert link[1] == server.url, "the server said where it listens"

    with httpx2.Client(follow_redirects=True) as browser, httpx2.Client() as other:
        form = {"csrfmiddlewaretoken": TOKEN.search(browser.get(done.out.strip()).text)[1]}
        page = browser.post(done.out.strip(), data=form)
        assert (page.status_code, page.url.path) == (200, "/admin/")
        session = next(cookie for cookie in browser.cookies.jar if cookie.name == "sessionid")
        assert session.has_nonstandard_attr("HttpOnly")
        assert session.get_nonstandard_attr("SameSite") == "Lax"
        assert other.get(done.out.strip()).status_code == 410

    browser_file = server.home / "argument"
    program = server.home / "browser"
    program.write_text(f'#!/bin/sh\necho "$1" > {browser_file}\n')
    program.chmod(0o700)
    done = stash("dashboard", STASH_HOME=str(server.home), BROWSER=str(program))
    assert LINK.fullmatch(done.out)
    opened = Path(browser_file.read_text().strip().removeprefix("file://"))
    assert done.out.strip() in opened.read_text(), "by way of a file: arguments can be read by all users"
    assert stat.S_IMODE(opened.stat().st_mode) == 0o600

    server.stop()
    assert link[2] not in server.out + server.err
    assert any(line["event"] == "operator_signed_in" for line in server.lines)
    late = stash("dashboard", STASH_HOME=str(server.home))
    assert late.code == 3
    assert (
        late.err
        == f"stash: No server listens on {server.url}: start one with `stash serve`, or name it with --url.\n"
    )


def test_where_nothing_was_ever_started_it_says_what_would(stash: Command, server: ServerProcess) -> None:
    done = stash("dashboard", "--no-open", "--url", server.url)

    assert done.code == 2
    assert "`stash serve` makes one." in done.err
    assert stash("dashboard", "--url", "example").code == 2


def test_a_hosted_service_has_no_such_link(stash: Command) -> None:
    hosted = {
        "STASH_MODE": "hosted",
        "SECRET_KEY": "a secret of these tests alone, and long enough to be one: 0123456789",
        "ALLOWED_HOSTS": "localhost",
        "DATABASE_URL": "postgres://stash@localhost/stash",
        "REDIS_URL": "redis://localhost:6379",
    }
    done = stash("dashboard", **hosted)

    assert (done.code, done.out) == (2, "")
    assert "log in with e-mail and password" in done.err


def test_a_home_that_takes_no_file_is_no_reason_to_stop(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("STASH_HOME", str(tmp_path / "nowhere"))

    local.write_url("http://127.0.0.1:8000")

    assert local.read_url() is None
