"""Heads: HEAD on every route, methods in disguise, other users' hosts, and too much of everything."""

import re

import httpx2
import pytest

from tests.raw_http import connect, exchange, head, read_answer
from tests.server_process import ServerProcess

PATHS = [
    "/stash",
    "/stash/x",
    "/recall/hostile/head",
    "/recall/nothing",
    "/update/x",
    "/forget/x",
    "/batch",
    "/health/live",
    "/health/ready",
    "/nowhere",
    "/admin/login/",
    "/static/nothing",
]


@pytest.mark.parametrize("path", PATHS)
def test_head_answers_without_a_byte_of_a_body(
    server: ServerProcess, alice: httpx2.Client, alice_key: str, path: str
) -> None:
    """What follows the head on the connection is the next answer: a stray body would be taken for it."""
    alice.put("/stash/hostile/head", json={"data": "x" * 100})
    with connect(server) as connection:
        connection.sendall(head("HEAD", path, alice_key) + head("GET", "/health/live"))
        said = b""
        while not said.endswith(b'{"status":"ok"}'):
            said += connection.recv(65_536)

    first, second = re.split(rb"(?=HTTP/1\.1 )", said)[1:]
    assert first.endswith(b"\r\n\r\n")
    assert first.count(b"\r\n\r\n") == 1
    assert second.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_no_header_turns_one_method_into_another(alice: httpx2.Client, name: str) -> None:
    alice.put("/stash/hostile/override", json={"data": "kept"})

    assert alice.get("/recall/hostile/override", headers={name: "DELETE"}).status_code == 200
    assert (
        alice.post("/stash?prefix=hostile/override", json={"data": 1}, headers={name: "DELETE"}).status_code
        == 400
    )
    assert alice.post("/forget/hostile/override", headers={name: "DELETE"}).status_code == 405
    assert alice.get("/recall/hostile/override").json()["data"] == "kept"


@pytest.mark.parametrize("query", ["_method=DELETE", "prefix=a", "data=1", "ttl=5"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/stash", {"data": 1}),
        ("PUT", "/stash/hostile/query", {"data": 1}),
        ("PATCH", "/update/hostile/query", {"data": 1}),
        ("DELETE", "/forget/hostile/query", None),
        ("POST", "/batch", {"operations": [{"verb": "recall", "memory_id": "a"}]}),
    ],
)
def test_a_query_where_none_is_taken_is_refused(
    alice: httpx2.Client, method: str, path: str, body: object, query: str
) -> None:
    """As unknown fields are: `?ttl=5`, passed over, would keep the memory for an hour."""
    refused = alice.request(method, f"{path}?{query}", json=body)

    assert refused.status_code == 400
    assert refused.json()["field"] == query.partition("=")[0]


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("X-Padding: " + "x" * 9_000, 431),
        ("\r\n".join(f"X-{number}: y" for number in range(200)), 431),
        ("X-API-KEY: sk_live_" + "x" * 9_000, 431),
        ("Script-Name: /recall", 404),
        ("X-Forwarded-Prefix: /recall", 404),
        ("X-Forwarded-For: 127.0.0.1, ::1", 404),
        ("X-Original-URL: /health/live", 404),
        ("X-Rewrite-URL: /health/live", 404),
        ("Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQ", 404),
        ("Accept: text/html\r\nAccept-Encoding: gzip\r\nAccept-Language: xx", 404),
    ],
    ids=lambda value: str(value)[:20],
)
def test_headers_change_nothing_but_what_they_are_for(
    server: ServerProcess, alice_key: str, line: str, status: int
) -> None:
    answer = exchange(server, head("GET", "/recall/nothing", alice_key)[:-2] + f"{line}\r\n\r\n".encode())

    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "target",
    ["http://elsewhere/health/live", "//elsewhere/health/live", "*", "elsewhere:80", "/HEALTH/LIVE", ""],
)
def test_a_target_of_another_form_reaches_nothing_of_another_host(
    server: ServerProcess, alice_key: str, target: str
) -> None:
    with connect(server) as connection:
        connection.sendall(head("GET", target, alice_key))
        answer = read_answer(connection)

    # The absolute form is the origin's own path (RFC 9112, section 3.2.2): there is no proxy in the server.
    assert answer.status == (200 if target.startswith("http:") else answer.status)
    assert answer.status in (200, 400, 404)
    assert b"elsewhere" not in answer.body
