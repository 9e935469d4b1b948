"""A key, wherever a client puts it, and a query, whatever is in it, never reach a log."""

import json
import logging
import sys
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from accounts.key_secret import new_secret
from stash_site.logs import ConsoleFormatter, JsonFormatter
from tests.raw_http import connect, head
from tests.server_process import ServerProcess

QUERY = "from-the-query"


class Told(NamedTuple):
    """Two keys that were put everywhere, one that opens and one that was never valid, and all that was logged."""

    keys: tuple[str, str]
    out: str
    err: str


def attempts(key: str) -> Iterator[bytes]:
    """Requests with a key where none belongs."""
    body = json.dumps({"data": 1}).encode()
    operations = [
        {"verb": "put", "memory_id": key, "data": 1},
        {"verb": "recall", "memory_id": key},
        {"verb": "forget", "memory_id": key, "if_match": key},
        {"verb": key, "memory_id": "x"},
        {"verb": "recall", key: "x"},
    ]
    batch = json.dumps({"operations": operations}).encode()
    for shown in (None, key):
        for path in (key, f"a/{key}/b", key.replace("_", "%5F"), key.upper(), key * 4):
            yield head("PUT", f"/stash/{path}", shown, Content_Length=len(body)) + body
            yield head("GET", f"/recall/{path}", shown)
            yield head("PATCH", f"/update/{path}", shown, Content_Length=len(body)) + body
            yield head("DELETE", f"/forget/{path}", shown)
        yield head("POST", "/batch", shown, Content_Length=len(batch)) + batch
        wrong = json.dumps({"data": 1, key: 1}).encode()
        yield head("POST", "/stash", shown, Content_Length=len(wrong)) + wrong
        for path in (
            "/stash",
            "/recall/x",
            "/health/live",
            "/nowhere",
            "/admin/",
            "/admin/login/",
            "/static/x",
        ):
            for query in (f"?api_key={key}&q={QUERY}", f"?{key}={QUERY}", f"?prefix={key}&limit=1"):
                yield head("GET", path + query, shown)
        yield head("DELETE", f"/stash?prefix={key}", shown)
        for path in (f"/{key}", f"/keys/{key}", f"/admin/{key}/", f"/admin/login/{key}", f"/static/{key}"):
            yield head("GET", path, shown)
            yield head("POST", path, shown, Content_Length=len(body)) + body
        for host in (key, f"<{key}>", f"{key}:99999"):
            for path in ("/recall/x", "/admin/login/"):
                yield head("GET", path, shown).replace(b"Host: localhost", f"Host: {host}".encode())
        for name in (
            "User_Agent",
            "Referer",
            "X_Request_ID",
            "Cookie",
            "Authorization",
            "If_Match",
            "X_Forwarded_For",
        ):
            yield head("GET", "/recall/x", shown, **{name: key})
        yield head(key, "/recall/x", shown)
        yield head("GET", "/recall/x", shown)[:-4] + f"\r\n{key}\r\n\r\n".encode()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A server to which all of this was sent, and which has stopped."""
    server = ServerProcess(tmp_path_factory.mktemp("told")).start()
    keys = server.create_key("ada@example.com", "--tier", "enterprise"), new_secret()
    for key in keys:
        for request in attempts(key):
            with connect(server) as connection:
                connection.sendall(request)
                assert connection.recv(12).startswith(b"HTTP/1.1 "), request
    server.stop()
    return Told(keys, server.out, server.err)


def test_no_key_is_in_any_log(told: Told) -> None:
    for text in (told.out, told.err):
        for key in told.keys:
            assert key.partition("_live_")[2].lower() not in text.lower()


def test_no_query_is_in_any_log(told: Told) -> None:
    assert QUERY not in told.out + told.err
    assert "api_key" not in told.out + told.err


def test_none_of_it_was_a_fault_of_ours(told: Told) -> None:
    assert "Traceback" not in told.out + told.err
    assert {json.loads(line)["level"] for line in told.out.split("\n")[:-1]} <= {"INFO", "WARNING"}


@pytest.mark.parametrize("formatter", [JsonFormatter(), ConsoleFormatter()])
def test_a_key_in_a_traceback_or_a_line_of_anybodys_is_masked(formatter: logging.Formatter) -> None:
    key = new_secret()
    try:
        raise ValueError(f"no such thing as {key}")
    except ValueError:
        record = logging.LogRecord("other", logging.ERROR, "", 1, "found %s", (key,), sys.exc_info())

    line = formatter.format(record)

    assert "found sk_..." in line
    assert "no such thing as sk_..." in line
    assert key[8:] not in line
