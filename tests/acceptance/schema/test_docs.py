"""/docs: a page that needs no outside host."""

import re

import httpx2
import pytest

from tests.server_process import ServerProcess

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@pytest.fixture
def page(server: ServerProcess) -> httpx2.Response:
    return httpx2.get(f"{server.url}/docs")


def test_nothing_may_come_from_elsewhere_and_nobody_may_frame_it(page: httpx2.Response) -> None:
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Content-Security-Policy"] == POLICY
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "//" not in page.text


def test_its_files_are_here(server: ServerProcess, page: httpx2.Response) -> None:
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)

    assert len(files) == 4
    for file in files:
        found = httpx2.get(server.url + file)
        assert found.status_code == 200
        kind = "text/css" if file.endswith(".css") else "text/javascript"
        assert found.headers["Content-Type"].startswith(kind)


def test_it_has_no_script_of_its_own(page: httpx2.Response) -> None:
    assert not re.findall(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=", page.text)


def test_no_validator_is_asked(server: ServerProcess) -> None:
    script = httpx2.get(f"{server.url}/static/memories/docs.js").text

    assert "validatorUrl: null" in script
    assert 'url: "/openapi.json"' in script
