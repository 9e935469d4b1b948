"""Ids of every kind, through curl and on a bare socket: kept as they are, or refused by name."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote, unquote
from uuid import uuid4

import pytest

from tests.every_engine.cast import Member
from tests.raw_http import connect, head, read_answer
from tests.server_process import ServerProcess
from tests.servers import report

DUCKS = "🦆" * 64

# As they stand in a path. What is kept is what they decode to.
KEPT = {
    "256 bytes of emoji": quote(DUCKS),
    "slash and colon": "a/b:c",
    "an escaped slash": "a%2Fb",
    "spaces": "a%20b%20",
    "plus": "a+b",
    "reserved": "%3F%23%5B%5D%40!$&'()*,;=",
    "an escaped percent": "%252F",
    "an escaped percent and dots": "%252e%252e",
    "three dots": "...",
    "dots with more": "..;/.a/b..",
    "a path": "a/b/c/d/e/f",
    "a backslash": "%5C..%5C",
    "quotes": "%22%27%60",
    "markup": "%3Cscript%3E",
    "right to left": quote("\u202eabc\u2066"),
    "separators": quote("\u2028\u2029"),
    "an index": "index:%7Busr_x%7D",
    "a user's own index": "index:%7B{user}%7D",
    "another's memory": "user:%7Busr_x%7D:..",
    "a memory of one's own": "user:%7B{user}%7D:plan",
    "a chunk": "chunk:%7B{user}%7D:5eac2b3eb532cb63",
    "a bucket": "bucket:%7B{user}%7D",
    "a tombstone": "tombstones:%7B{user}%7D",
    "braces": "%7B%7D",
    "a statement": quote("'; DROP TABLE memories; --"),
    "a pattern": "*%25_",
}
# Those that are a prefix of an id nevertheless: `a/` of `a/b`, `..` of `..b`.
REFUSED = {
    "nothing": ("", None),
    "257 bytes": ("x" * 257, "prefix"),
    "257 bytes of emoji": (quote(DUCKS) + "a", "prefix"),
    "a slash alone": ("%2F", "prefix"),
    "a dot": (".", None),
    "two dots": ("..", None),
    "escaped dots": ("%2e%2E", None),
    "dots amid": ("a/../b", "prefix"),
    "escaped dots amid": ("a%2F%2e%2e%2Fb", "prefix"),
    "a dot amid": ("a/./b", "prefix"),
    "an empty segment": ("a//b", "prefix"),
    "an empty segment first": ("/a", "prefix"),
    "an empty segment last": ("a/", None),
    "a percent": ("%", "query"),
    "half an escape": ("a%2", "query"),
    "no escape": ("%zz", "query"),
    "a byte that is no UTF-8": ("%ff", "query"),
    "a cut character": ("%F0%9F%A6", "query"),
    "an overlong slash": ("%c0%af", "query"),
    "a surrogate": ("%ed%a0%80", "query"),
    "NUL": ("a%00b", "prefix"),
    "a line break": ("a%0D%0Ab", "prefix"),
    "a tab": ("%09", "prefix"),
    "DEL": ("%7f", "prefix"),
    "a C1 control": ("%C2%85", "prefix"),
}
BODY = b'{"data":"kept"}'
VERBS = [
    ("PUT", "/stash/", BODY),
    ("GET", "/recall/", b""),
    ("PATCH", "/update/", BODY),
    ("GET", "/stash?prefix=", b""),
    ("DELETE", "/forget/", b""),
    ("GET", "/recall/", b""),
]


class Answer(NamedTuple):
    """A status, and a JSON document where there is one."""

    status: int
    document: dict[str, object]


def target(verb: str, path: str) -> str:
    """The path, or as a query has it, where `+` is a space and `&` ends a value."""
    return verb + (path.replace("+", "%2B").replace("&", "%26") if "?" in verb else path)


def through_curl(server: ServerProcess, key: str, path: str) -> list[Answer]:
    """Each verb's answer; one curl asks them all."""
    curl = shutil.which("curl")
    if curl is None:
        report.missing("curl", "it is not on PATH")
    command = [curl]
    for method, verb, body in VERBS:
        command += ["--next"] if len(command) > 1 else []
        command += ["--silent", "--show-error", "--globoff", "--path-as-is", "--max-time", "30"]
        command += ["--request", method, "--header", f"X-API-KEY: {key}", "--write-out", "\n%{http_code}\n"]
        command += ["--data", body.decode()] if body else []
        command += [server.url + target(verb, path)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]
    return [answer(int(status), said) for said, status in zip(lines[::2], lines[1::2], strict=True)]


def on_a_bare_socket(server: ServerProcess, key: str, path: str) -> list[Answer]:
    """Each verb's answer, to the very bytes of the path."""
    found = []
    for method, verb, body in VERBS:
        length = {"Content_Length": len(body)} if body else {}
        with connect(server) as connection:
            connection.sendall(head(method, target(verb, path), key, **length) + body)
            said = read_answer(connection)
        found.append(answer(said.status, said.body.decode()))
    return found


def answer(status: int, said: str) -> Answer:
    return Answer(status, json.loads(said) if said else {})


WAYS = {"curl": through_curl, "socket": on_a_bare_socket}


@pytest.fixture(scope="module")
def member(troupe: dict[str, Iterator[Member]]) -> Member:
    """One for all of these tests, each of which forgets what it kept."""
    return next(troupe["enterprise"])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", KEPT)
def test_it_is_kept_as_it_is(server: ServerProcess, key: str, user: str, case: str, way: str) -> None:
    path = KEPT[case].replace("{user}", user)
    memory_id = unquote(path)

    put, recalled, updated, listing, forgotten, missed = WAYS[way](server, key, path)

    assert [put.status, recalled.status, updated.status] == [201, 200, 200]
    assert (
        put.document["memory_id"]
        == recalled.document["memory_id"]
        == updated.document["memory_id"]
        == memory_id
    )
    assert recalled.document["data"] == "kept"
    [shown] = listing.document["memories"]
    assert (shown["memory_id"], shown["bytes"]) == (memory_id, len('"kept"'))
    assert [forgotten.status, missed.status] == [204, 404]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_by_name(server: ServerProcess, key: str, case: str, way: str) -> None:
    path, wrong_prefix = REFUSED[case]

    *answers, again = WAYS[way](server, key, path)

    listing = answers.pop(3)
    for refused in (*answers, again):
        assert (refused.status, refused.document["code"]) == (400, "invalid_request")
        assert refused.document["field"] == "memory_id"
    if wrong_prefix is None:
        assert listing == (200, {"memories": [], "cursor": None})
    else:
        assert (listing.status, listing.document["code"]) == (400, "invalid_request")
        assert listing.document.get("field") == {"prefix": "prefix", "query": None}[wrong_prefix]


@pytest.mark.parametrize("path", ["🦆", "caf\u00e9", "a b", "a\tb"])
def test_what_is_not_escaped_at_all_is_no_request(server: ServerProcess, key: str, path: str) -> None:
    with connect(server) as connection:
        connection.sendall(head("GET", f"/recall/{path}", key))
        said = read_answer(connection)

    assert (said.status, json.loads(said.body)["code"]) == (400, "invalid_request")


def test_ids_that_look_like_the_stores_own_keys_leave_those_alone(
    server: ServerProcess, key: str, user: str
) -> None:
    """All that the store keeps for itself stands while memories of such names come and go."""
    with server.client(key) as client:
        folder = uuid4().hex
        client.put(f"/stash/{folder}", json={"data": "first"})
        for name in ("index", "expiry", "sizes", "tombstones", "bucket", "chunk", "user", "heads"):
            memory_id = f"{name}:{{{user}}}"
            assert client.put(f"/stash/{memory_id}", json={"data": 1}).status_code == 201
            assert client.patch(f"/update/{memory_id}", json={"extra_seconds": 5}).status_code == 200
            listing = client.get("/stash").json()["memories"]
            assert {memory["memory_id"] for memory in listing} == {folder, memory_id}
            assert client.delete(f"/forget/{memory_id}").status_code == 204
        assert client.get(f"/recall/{folder}").json()["data"] == "first"
        assert client.delete(f"/forget/{folder}").status_code == 204
