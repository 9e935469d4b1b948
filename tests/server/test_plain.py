"""Plain requests: whatever is taken for one, gunicorn's own parser takes too, and reads the same in it."""

from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser
from gunicorn.http.wsgi import create
from hypothesis import given
from hypothesis import strategies as st

from stash_site.server.plain_requests import PlainRequest, connection_environ, plain_request, request_environ

CLIENT, SERVER = ("127.0.0.1", 50_000), ("127.0.0.1", 8000)
# Made anew for each request, or objects that nothing is equal to.
OWN = {"wsgi.errors", "wsgi.input", "wsgi.early_hints", "wsgi.multithread"}

CURL = b"GET /recall/a%20b?x=1 HTTP/1.1\r\nHost: localhost:8000\r\nUser-Agent: curl/8\r\nAccept: */*\r\n\r\n"
POST = b"POST /stash HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nConnection: keep-alive\r\n\r\n1234GET / HTTP/1.1\r\n"

NAMES = ["Host", "host", "X-API-KEY", "Content-Length", "content-type", "Connection", "Expect", "Upgrade"]
NAMES += [
    "Transfer-Encoding",
    "X-Forwarded-Proto",
    "X-Forwarded-Ssl",
    "X_Api_Key",
    "Accept",
    "SCRIPT_NAME",
    "é",
    "",
]
VALUES = [
    "a",
    "",
    " ",
    "keep-alive",
    "Keep-Alive",
    "close",
    "100-continue",
    "chunked",
    "0",
    "10",
    "+1",
    "-1",
    "1, 1",
]
VALUES += ["https", "on", " a\tb ", "é", "\x00", "\x7f", "a\r\n b", "a\nb"]
WRONG = [b"\r", b"\n", b" ", b"#", b"\x00", b":"]
METHODS = ["GET", "HEAD", "POST", "DELETE", "get", "G\x00T", "CONNECT", ""]
TARGETS = [
    "/",
    "/a",
    "//a",
    "/a//b",
    "/a?b=c?d",
    "/?",
    "/a#b",
    "/%2f%",
    "*",
    "http://h/a",
    "/é",
    "/a b",
    "/[",
    "/a:b@c",
]
LINE = st.tuples(
    st.sampled_from(NAMES), st.sampled_from([": ", ":", " : ", ":\t", ""]), st.sampled_from(VALUES)
)
HEADS = st.builds(
    lambda method, target, version, lines, body: (
        f"{method} {target} {version}\r\n" + "".join(f"{''.join(line)}\r\n" for line in lines) + f"\r\n{body}"
    ),
    st.sampled_from(METHODS),
    st.sampled_from(TARGETS),
    st.sampled_from(["HTTP/1.1", "HTTP/1.0", "HTTP/1.1 ", "HTTP/2.0"]),
    st.lists(LINE, max_size=5),
    st.sampled_from(["", "0123456789"]),
)


class Source:
    """A socket with some bytes in it."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def recv(self, size: int) -> bytes:
        """Up to so many of them."""
        piece, self.data = self.data[:size], self.data[size:]
        return piece


def parser(data: bytes) -> Any:
    """gunicorn's, of a connection with `data`."""
    return RequestParser(Config(), Source(data), CLIENT)


def read_plainly(data: bytes) -> tuple[PlainRequest | None, bytes]:
    """The plain request, and what is left for its body and for what follows it."""
    connection = parser(b"")
    request = plain_request(connection, data)
    return request, connection.unreader.buf.getvalue()


def check(data: bytes) -> None:
    """Holds the two against each other, where `data` begins with a plain request."""
    request, rest = read_plainly(data)
    if request is None:
        return
    theirs = parser(data)
    wanted = next(theirs)
    for name in ("method", "uri", "path", "query", "fragment", "version", "headers", "scheme"):
        assert getattr(request, name) == getattr(wanted, name), name
    assert request.should_close() == wanted.should_close()
    assert request.body.reader.length == wanted.body.reader.length
    assert rest == theirs.unreader.buf.getvalue() + theirs.unreader.sock.data
    common = connection_environ(Config(), None, CLIENT, SERVER)
    assert common is not None
    _, environ = create(wanted, None, CLIENT, SERVER, Config())
    ours = request_environ(common, request)
    assert {k: v for k, v in ours.items() if k not in OWN} == {
        k: v for k, v in environ.items() if k not in OWN
    }


@given(HEADS)
def test_what_is_plain_reads_as_gunicorn_reads_it(head: str) -> None:
    check(head.encode("latin-1", "replace"))


@given(st.data())
def test_nor_does_a_changed_byte_make_a_difference(data: st.DataObject) -> None:
    text = bytearray(data.draw(st.sampled_from([CURL, POST])))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 1))] = data.draw(st.sampled_from(WRONG))
    check(bytes(text))


@pytest.mark.parametrize("data", [CURL, POST])
def test_what_clients_send_is_plain(data: bytes) -> None:
    assert read_plainly(data)[0] is not None
    check(data)


@pytest.mark.parametrize(
    "line",
    [
        b"Transfer-Encoding: chunked",
        b"Expect: 100-continue",
        b"Host: b",
        b"Content-Length: +1",
        b"A_B: 1",
        b"A: \x00",
    ],
)
def test_what_has_to_be_judged_is_not_plain(line: bytes) -> None:
    assert read_plainly(CURL.replace(b"Accept: */*", line))[0] is None


def test_half_a_head_and_a_long_one_are_not_plain() -> None:
    assert read_plainly(CURL[:-1])[0] is None
    assert read_plainly(CURL.replace(b"*/*", b"a" * 4000))[0] is None
