"""What never reaches the application is answered as application/problem+json, and says nothing back."""

from collections.abc import Callable

import pytest

from tests.server.client import Client, head
from tests.server.gunicorn_process import GunicornProcess
from tests.server.hasty import LIMITS

SECRET = "sk_live_secret"
REQUESTS = {
    "garbage": (400, f"\x16\x03\x01{SECRET}\r\n\r\n".encode()),
    "line": (400, f"GET /hello {SECRET} HTTP/1.1\r\n\r\n".encode()),
    "method": (400, f"{SECRET}[] /hello HTTP/1.1\r\n\r\n".encode()),
    "version": (400, b"GET /hello HTTP/3.0\r\n\r\n"),
    "long line": (414, f"GET /{SECRET}{'x' * 9000} HTTP/1.1\r\n\r\n".encode()),
    "long header": (431, head("GET", "/hello", X_API_KEY=SECRET + "x" * 9000)),
    "many headers": (431, head("GET", "/hello", **{f"X-{n}": SECRET for n in range(200)})),
    "header without colon": (400, f"GET / HTTP/1.1\r\n{SECRET}\r\n\r\n".encode()),
    "header name": (400, f"GET / HTTP/1.1\r\nX API KEY: {SECRET}\r\n\r\n".encode()),
    "header value": (400, f"GET / HTTP/1.1\r\nX-API-KEY: {SECRET}\x00\r\n\r\n".encode()),
    "folded header": (400, f"GET / HTTP/1.1\r\nX-API-KEY: a\r\n {SECRET}\r\n\r\n".encode()),
    "negative length": (400, head("POST", "/echo", Content_Length=-1)),
    "length in words": (400, head("POST", "/echo", Content_Length=SECRET)),
    "two lengths": (400, b"POST /echo HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
    "length and chunks": (400, head("POST", "/echo", Content_Length=3, Transfer_Encoding="chunked")),
    "transfer coding": (501, head("POST", "/echo", Transfer_Encoding="gzip-ish")),
    "expectation": (417, head("POST", "/echo", Expect=SECRET)),
    "script name": (400, b"GET /hello HTTP/1.1\r\nSCRIPT_NAME: /" + SECRET.encode() + b"\r\n\r\n"),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_refusal_is_a_problem_and_closes(client: Client, name: str) -> None:
    status, request = REQUESTS[name]
    client.send(request)
    answer = client.answer()
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["vary"] == "X-API-KEY, Authorization"
    assert answer.headers["x-content-type-options"] == "nosniff"
    document = answer.json
    assert set(document) == {"type", "title", "status", "detail", "code"}
    assert (document["status"], document["code"]) == (status, "invalid_request")
    assert document["type"] == "urn:stash:error:invalid_request"
    assert document["detail"].endswith(".")
    assert SECRET.encode() not in answer.body
    assert client.closed(within=LIMITS.linger + 1)


def test_a_refusal_reaches_a_client_in_the_middle_of_its_head(client: Client) -> None:
    client.send(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200_000)
    assert client.answer().status == 431


def test_nothing_that_clients_said_is_logged(own_server: Callable[..., GunicornProcess]) -> None:
    """Not at the debug level either."""
    server = own_server("--access-logfile", "-")
    for status, request in REQUESTS.values():
        with Client(server.port) as client:
            client.send(request)
            assert client.answer().status == status
    with Client(server.port) as client:
        client.send(head("GET", "/hello", X_API_KEY=SECRET)[:-4])
    with Client(server.port) as client:
        client.send(head("GET", "/hello") + head("GET", "/hello", X_API_KEY=SECRET)[:-4])
        client.answer()
    with Client(server.port) as client:
        client.send(head("GET", "/fail", X_API_KEY=SECRET))
        assert client.answer().status == 500
    assert "InvalidHeader" in server.log
    assert SECRET not in server.log
