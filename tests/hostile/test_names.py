"""Ids that look alike are different, cursors that nobody gave show nothing new, and a fragment is no part of a path."""

import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest

from tests.raw_http import exchange, head
from tests.server_process import ServerProcess

COMPOSED, DECOMPOSED = unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é")
ALIKE = {
    "composed and decomposed": (COMPOSED, DECOMPOSED),
    "case": ("Plan", "plan"),
    "case folding": ("straße", "strasse"),
    "the Kelvin sign": ("K", "\u212a"),
    "a ligature": ("fi", "\ufb01"),
    "another script": ("a", "\u0430"),
    "a space that takes no room": ("plan", "pl\u200ban"),
    "a byte order mark": ("plan", "\ufeffplan"),
    "a space at the end": ("plan", "plan "),
    "a slash that is escaped twice": ("a/b", "a%2Fb"),
    "a NUL that is escaped twice": ("a", "a%00"),
    "digits": ("1", "\u0661"),
}


@pytest.fixture
def eve(server: ServerProcess) -> Iterator[httpx2.Client]:
    """A user who keeps nothing yet."""
    with server.client(server.create_key(f"{uuid4().hex}@example.com", "--tier", "enterprise")) as client:
        yield client


@pytest.mark.parametrize("case", ALIKE)
def test_ids_that_look_alike_are_two_memories(alice: httpx2.Client, case: str) -> None:
    folder = f"alike/{uuid4().hex}/"
    for name in ALIKE[case]:
        assert alice.put(f"/stash/{folder}{quote(name)}", json={"data": name}).status_code == 201

    for name in ALIKE[case]:
        assert alice.get(f"/recall/{folder}{quote(name)}").json()["data"] == name
    listing = alice.get("/stash", params={"prefix": folder}).json()["memories"]
    assert {memory["memory_id"] for memory in listing} == {folder + name for name in ALIKE[case]}


def test_a_prefix_is_bytes_and_no_letters(alice: httpx2.Client) -> None:
    """A decomposed é begins with an e; a composed one does not."""
    folder = f"prefix/{uuid4().hex}/"
    for name in (COMPOSED, DECOMPOSED):
        alice.put(f"/stash/{folder}{quote(name)}", json={"data": 1})

    def begins(prefix: str) -> list[str]:
        listing = alice.get("/stash", params={"prefix": folder + prefix}).json()["memories"]
        return [memory["memory_id"].removeprefix(folder) for memory in listing]

    assert begins("e") == [DECOMPOSED]
    assert begins("E") == []
    assert begins(COMPOSED) == [COMPOSED]
    assert begins(DECOMPOSED) == [DECOMPOSED]


@pytest.mark.parametrize("pattern", ["*", "%", "_", "?", "[a-z]", "pla?", "pl%", "\\", "'", "{}"])
def test_a_prefix_is_no_pattern(alice: httpx2.Client, pattern: str) -> None:
    alice.put("/stash/plan", json={"data": 1})

    assert alice.get("/stash", params={"prefix": pattern}).json()["memories"] == []
    assert alice.delete("/stash", params={"prefix": pattern}).json() == {"forgotten": 0}
    assert alice.get("/recall/plan").status_code == 200


def cursor(after: bytes) -> str:
    """A cursor as a listing would have given it, after an id of one's own making."""
    return urlsafe_b64encode(after).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "after",
    [b"\x00", b"a\x00b", b"' OR 1=1 --", b"../..", b"user:{usr_x}:a", "\U0010ffff".encode() * 64, b"x" * 256],
)
def test_a_forged_cursor_shows_ones_own_memories_and_no_others(
    server: ServerProcess, alice: httpx2.Client, eve: httpx2.Client, after: bytes
) -> None:
    alice.put("/stash/zz-hers", json={"data": 1})
    eve.put("/stash/zz-mine", json={"data": 1})

    answer = eve.get("/stash", params={"cursor": cursor(after)})

    assert answer.status_code == 200
    shown = [memory["memory_id"] for memory in answer.json()["memories"]]
    assert shown == (["zz-mine"] if after < b"zz-mine" else [])


@pytest.mark.parametrize("after", [b"", b"\xff", b"\xed\xa0\x80", b"x" * 257])
def test_a_cursor_after_what_is_no_id_is_refused(eve: httpx2.Client, after: bytes) -> None:
    answer = eve.get("/stash", params={"cursor": cursor(after)})

    assert (answer.status_code, answer.json()["field"]) == (400, "cursor")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/recall/hostile/a#b"),
        ("DELETE", "/forget/hostile/a#b"),
        ("GET", "/stash?prefix=hostile/#b"),
        ("DELETE", "/stash?prefix=hostile/#b"),
        ("GET", "/recall/hostile/a?extend=5#0"),
    ],
)
def test_a_fragment_is_refused_where_it_would_have_been_cut_off(
    server: ServerProcess, alice: httpx2.Client, alice_key: str, method: str, path: str
) -> None:
    """`DELETE /stash?prefix=run#1` would have forgotten all that begins with `run`."""
    alice.put("/stash/hostile/a", json={"data": 1})

    answer = exchange(server, head(method, path, alice_key))

    assert answer.status == 400
    assert b"write it as %23" in answer.body
    assert alice.get("/recall/hostile/a").status_code == 200


def test_a_number_sign_that_is_escaped_is_part_of_the_id(alice: httpx2.Client) -> None:
    alice.put("/stash/hostile/a%23b", json={"data": "numbered"})

    assert alice.get("/recall/hostile/a%23b").json()["memory_id"] == "hostile/a#b"
