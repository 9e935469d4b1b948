"""/llms.txt: an agent that follows it to the letter gets what it says."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx2
import pytest

from memories.schema.errors import tree
from tests.server_process import ServerProcess
from tests.servers import report

BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
# What is another each time, and stands for itself in the commands that follow.
NAMES = ("memory_id", "id")


class Step(NamedTuple):
    """A command, and the answer that the page says it gets."""

    command: str
    status: int
    body: Any
    etag: str | None


@pytest.fixture
def page(server: ServerProcess) -> str:
    return httpx2.get(f"{server.url}/llms.txt").text


def steps(page: str) -> Iterator[Step]:
    """The commands of the page, in order."""
    lines = "".join(BLOCK.findall(page)).splitlines()
    for command, answer in zip(lines, [*lines[1:], ""], strict=True):
        if command.startswith("curl "):
            status, _, rest = answer.partition(" ")
            text, _, etag = rest.partition(" ETag: ")
            yield Step(command, int(status), json.loads(text) if text else None, etag.strip('"') or None)


def curl(command: str, server: ServerProcess, key: str) -> tuple[int, str | None, Any]:
    """Runs it as the page has it; returns the answer's status, version and body."""
    if shutil.which("curl") is None:
        report.missing("curl", "it is not on PATH")
    done = subprocess.run(
        ["sh", "-c", command.replace("curl ", "curl --silent --show-error --include ", 1)],
        env={"STASH": server.url, "KEY": key, "PATH": "/usr/bin:/bin:/usr/local/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    head, _, body = done.stdout.partition("\n\n")
    etag = re.search(r'^ETag: "(.*)"', head, re.MULTILINE)
    return int(head.split()[1]), etag and etag[1], json.loads(body) if body else None


def same_shape(told: Any, found: Any) -> bool:
    """Whether both have the same members of the same kinds; text that names errors is equal, numbers are about so."""
    if isinstance(told, dict):
        return (
            isinstance(found, dict)
            and list(told) == list(found)
            and all(same_shape(told[name], found[name]) for name in told)
        )
    if isinstance(told, list):
        return (
            isinstance(found, list)
            and len(told) == len(found)
            and all(same_shape(*pair) for pair in zip(told, found, strict=True))
        )
    if isinstance(told, bool | float) or told is None:
        return bool(told == found)
    if isinstance(told, int):
        return isinstance(found, int) and abs(told - found) <= 120
    return isinstance(found, str)


def test_what_it_shows_is_what_happens(page: str, server: ServerProcess) -> None:
    key = server.create_key("llms@example.com", "--tier", "pro")
    as_found: dict[str, str] = {}
    shown = list(steps(page))
    assert len(shown) >= 14

    for step in shown:
        command = step.command
        for told, real in as_found.items():
            command = command.replace(told, real)
        status, etag, body = curl(command, server, key)

        assert status == step.status, (command, body)
        told = step.body
        if isinstance(told, dict) and "code" in told:
            assert told == body
        assert same_shape(told, body), (command, body)
        if isinstance(told, dict) and "data" in told:
            assert told["data"] == body["data"]
        as_found |= {told[name]: body[name] for name in NAMES if isinstance(told, dict) and name in told}
        if step.etag is not None:
            assert etag is not None
            as_found[step.etag] = etag


def test_the_lock_is_four_lines_and_holds(page: str, server: ServerProcess) -> None:
    section = page.partition("## A lock")[2].partition("\n## ")[0]
    taken, held, extended, released = steps(section)

    assert [step.status for step in (taken, held, extended, released)] == [201, 412, 200, 204]
    assert "If-None-Match: *" in taken.command
    assert '"ttl"' in taken.command
    assert all(f'If-Match: "{taken.etag}"' in step.command for step in (extended, released))


def test_a_lock_that_was_lost_is_neither_extended_nor_released(alice: httpx2.Client) -> None:
    mine = alice.put("/stash/locks/lost", json={"data": "agent-7", "ttl": 60}).headers["ETag"]
    # The lease ends, and another agent takes the lock.
    alice.delete("/forget/locks/lost")
    create = {"If-None-Match": "*"}
    assert alice.put("/stash/locks/lost", json={"data": "agent-8"}, headers=create).status_code == 201

    late = {"If-Match": mine}
    assert alice.patch("/update/locks/lost", json={"extra_seconds": 30}, headers=late).status_code == 412
    assert alice.delete("/forget/locks/lost", headers=late).status_code == 412
    assert alice.get("/recall/locks/lost").json()["data"] == "agent-8"


def test_it_says_what_to_do_about_every_error(page: str) -> None:
    errors = page.partition("## Errors")[2]

    for kind in tree():
        assert re.search(rf"{kind.status} `{kind.code}`", errors), kind.code


def test_it_is_one_page_of_plain_text(server: ServerProcess, page: str) -> None:
    answer = httpx2.get(f"{server.url}/llms.txt")

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert len(page.splitlines()) <= 150
    assert "{{" not in page
    assert "&quot;" not in page
    assert page.startswith("# Stash\n\n> ")


def test_it_names_the_host_that_it_was_asked_for(server: ServerProcess) -> None:
    page = httpx2.get(f"{server.url}/llms.txt", headers={"Host": "stash.example:8443"}).text

    assert "export STASH=http://stash.example:8443 KEY=" in page
    assert "http://stash.example:8443/openapi.json" in page


@pytest.mark.parametrize("host", ["bad_host{}", "a b", "x/../y", "evil.example`id`", "<script>", "[::1"])
def test_it_repeats_no_host_that_is_none(server: ServerProcess, host: str) -> None:
    answer = httpx2.get(f"{server.url}/llms.txt", headers={"Host": host})

    assert answer.status_code in (200, 400)
    assert host not in answer.text
    if answer.status_code == 200:
        assert "export STASH=https://THIS-HOST KEY=" in answer.text
        assert " /openapi.json" in answer.text


def test_nobody_elses_host_gets_into_a_hosted_services_page(settings: Any, rf: Any) -> None:
    from memories.views.description import base_url

    settings.ALLOWED_HOSTS = ["stash.example"]
    settings.SECURE_SSL_REDIRECT = True

    assert base_url(rf.get("/llms.txt", headers={"Host": "stash.example"})) == "https://stash.example"
    assert base_url(rf.get("/llms.txt", headers={"Host": "evil.example"})) == ""


def numbers(page: str) -> Callable[[str], int]:
    """Finds the number in a sentence of the page."""
    return lambda sentence: int(re.search(sentence, page)[1].replace(",", ""))  # type: ignore[index]


def test_its_limits_are_the_codes_own(page: str) -> None:
    number = numbers(re.sub(r"\s+", " ", page))

    assert number(r"1 to (\d+) bytes of UTF-8") == 256
    assert number(r"A batch has 1 to (\d+) operations") == 100
    assert number(r"A listing has (\d+) memories a page") == 100
    assert number(r"a page, ([\d,]+) at most") == 1000
