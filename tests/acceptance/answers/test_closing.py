"""The connection closes after any body error: what is left of a body is never taken for a request."""

import socket

import pytest

from tests.raw_http import connect, head, is_closed, read_answer
from tests.server_process import ServerProcess

JSON = b'{"data": 1}'
LARGE = 2 * 1_048_576
# What is wrong with a body: the header that frames it, the bytes that come, and the status.
ERRORS: dict[str, tuple[dict[str, object], bytes, int]] = {
    "no JSON": ({"Content_Length": 8}, b"not json", 400),
    "no object": ({"Content_Length": 2}, b"[]", 400),
    "not UTF-8": ({"Content_Length": 12}, b'{"data":"\xff"}', 400),
    "no such field": ({"Content_Length": 9}, b'{"x": 10}', 400),
    "a bad field": ({"Content_Length": 20}, b'{"data": 1, "ttl":0}', 400),
    "nested too deeply": ({"Content_Length": 9 + 4000}, b'{"data": ' + b"[" * 2000 + b"]" * 2000, 400),
    "compressed": ({"Content_Length": len(JSON), "Content_Encoding": "gzip"}, JSON, 400),
    "cut short": ({"Content_Length": 100}, JSON, 400),
    "broken chunks": ({"Transfer_Encoding": "chunked"}, b"zz\r\n" + JSON, 400),
    "chunks cut short": ({"Transfer_Encoding": "chunked"}, b"ff\r\n" + JSON, 400),
    "empty chunks": ({"Transfer_Encoding": "chunked"}, b"0\r\n\r\n", 400),
    "declared too large": ({"Content_Length": LARGE}, b"", 413),
    "data too large": (
        {"Content_Length": 1_048_576 + 100},
        b'{"data":"'.ljust(1_048_576 + 98, b"x") + b'"}',
        413,
    ),
    "chunks too large": (
        {"Transfer_Encoding": "chunked"},
        b"200000\r\n" + b" " * LARGE + b"\r\n0\r\n\r\n",
        413,
    ),
}
# These the client has to end, or the server would wait for the rest.
UNENDED = ("cut short", "chunks cut short")


@pytest.mark.parametrize("error", ERRORS)
def test_after_each_kind_of_body_error(server: ServerProcess, error: str) -> None:
    framing, body, status = ERRORS[error]
    with connect(server) as connection:
        connection.sendall(head("POST", "/stash", server.key, **framing))
        connection.sendall(body)
        if error in UNENDED:
            connection.shutdown(socket.SHUT_WR)

        answer = read_answer(connection)

        assert answer.status == status, answer.body
        assert answer.headers["connection"] == "close"
        assert is_closed(connection)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/stash", {}, 201),
        ("PATCH", "/update/closing-none", {}, 404),
        ("PUT", "/stash/closing", {"If_Match": '"0123456789abcdef"'}, 412),
    ],
)
def test_after_an_answer_to_a_whole_body_it_stays(
    server: ServerProcess, method: str, path: str, headers: dict[str, object], status: int
) -> None:
    with connect(server) as connection:
        for _ in range(2):
            connection.sendall(head(method, path, server.key, Content_Length=len(JSON), **headers) + JSON)
            answer = read_answer(connection)
            assert (answer.status, answer.headers.get("connection")) == (status, "keep-alive")
