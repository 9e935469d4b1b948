"""Request smuggling on the routes that take bodies: no byte of a body is ever read as a request."""

import re
import socket
from uuid import uuid4

import pytest

from tests.raw_http import connect, head
from tests.server_process import ServerProcess

BODIES = {
    ("PUT", "/stash/smuggling/carrier"): b'{"data": 1}',
    ("PATCH", "/update/smuggling/carrier"): b'{"data": 1}',
    ("POST", "/stash"): b'{"data": 1}',
    ("POST", "/batch"): b'{"operations": [{"verb": "recall", "memory_id": "smuggling/carrier"}]}',
}
CHUNK = "Transfer-Encoding: chunked"
LENGTHS = {
    "a length and chunks": ["Content-Length: {length}", CHUNK],
    "chunks and a length": [CHUNK, "Content-Length: 4"],
    "two lengths": ["Content-Length: {length}", "Content-Length: 0"],
    "the same length twice": ["Content-Length: {length}", "Content-Length: {length}"],
    "a list of lengths": ["Content-Length: {length}, {length}"],
    "a signed length": ["Content-Length: +{length}"],
    "a length with an underscore": ["Content-Length: {length}_0"],
    "a length in another script": ["Content-Length: \u0661\u0661"],
    "an unknown coding": ["Transfer-Encoding: xchunked"],
    "chunks and another coding": ["Transfer-Encoding: chunked, identity"],
    "no coding": ["Transfer-Encoding: identity"],
    "chunks twice": [CHUNK, CHUNK],
    "a space before the colon": ["Transfer-Encoding : chunked"],
    "a vertical tab": ["Transfer-Encoding: \x0bchunked"],
    "a folded coding": ["Transfer-Encoding:", " chunked"],
    "a bare return": ["X-A: b\rTransfer-Encoding: chunked"],
}
CHUNKS = {
    "an extension with a line feed": b"%x;a\nb\r\n%s\r\n0\r\n\r\n",
    "a size that ends in a line feed": b"%x\n%s\r\n0\r\n\r\n",
    "a signed size": b"+%x\r\n%s\r\n0\r\n\r\n",
    "a size with 0x": b"0x%x\r\n%s\r\n0\r\n\r\n",
    "a chunk longer than its size": b"%x\r\n%sXX0\r\n\r\n",
}


def answers(server: ServerProcess, data: bytes) -> list[int]:
    """The statuses of all that the server says to `data`, until it closes or has answered both requests."""
    said = b""
    with connect(server) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        try:
            while piece := connection.recv(65_536):
                said += piece
        except ConnectionResetError:
            pass
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", said)]


@pytest.fixture
def hidden() -> str:
    """The id that a smuggled request would make: it can be asked for afterwards."""
    return f"smuggling/{uuid4().hex}"


def smuggled(hidden: str, key: str) -> bytes:
    """A whole request, hidden behind what is a body to one reader and none to another."""
    body = b'{"data": "smuggled"}'
    return head("PUT", f"/stash/{hidden}", key, Content_Length=len(body)) + body


@pytest.mark.parametrize("route", BODIES, ids=" ".join)
@pytest.mark.parametrize("trick", LENGTHS)
def test_a_body_whose_length_is_in_doubt_is_refused_and_the_connection_with_it(
    server: ServerProcess, alice_key: str, alice, hidden: str, route: tuple[str, str], trick: str
) -> None:
    body = BODIES[route]
    lines = [line.format(length=len(body)) for line in LENGTHS[trick]]
    request = head(*route, alice_key)[:-2] + "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"

    statuses = answers(
        server, request + b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) + smuggled(hidden, alice_key)
    )

    assert statuses in ([400], [501])
    assert alice.get(f"/recall/{hidden}").status_code == 404


@pytest.mark.parametrize("route", BODIES, ids=" ".join)
@pytest.mark.parametrize("trick", CHUNKS)
def test_malformed_chunks_are_refused_and_the_connection_with_them(
    server: ServerProcess, alice_key: str, alice, hidden: str, route: tuple[str, str], trick: str
) -> None:
    body = BODIES[route]
    request = head(*route, alice_key, Transfer_Encoding="chunked")

    statuses = answers(server, request + CHUNKS[trick] % (len(body), body) + smuggled(hidden, alice_key))

    assert statuses == [400]
    assert alice.get(f"/recall/{hidden}").status_code == 404


@pytest.mark.parametrize("route", BODIES, ids=" ".join)
@pytest.mark.parametrize("header", ["Transfer_Encoding: chunked", "Content_Length: 0"])
def test_a_header_with_underscores_is_nobodys_length(
    server: ServerProcess, alice_key: str, route: tuple[str, str], header: str
) -> None:
    """WSGI could not tell it from the real one; the server drops it, and both requests are read as they are."""
    alike = "smuggling/alike"
    request = head(*route, alice_key, Content_Length=len(BODIES[route]))[:-2] + f"{header}\r\n\r\n".encode()

    statuses = answers(server, request + BODIES[route] + smuggled(alike, alice_key))

    assert len(statuses) == 2
    assert statuses[1] in (200, 201)


@pytest.mark.parametrize(
    "route", [("GET", "/recall/x"), ("DELETE", "/forget/x"), ("GET", "/stash"), ("PATCH", "/batch")]
)
def test_a_body_where_none_is_read_is_no_request(
    server: ServerProcess, alice_key: str, alice, hidden: str, route: tuple[str, str]
) -> None:
    inner = smuggled(hidden, alice_key)

    statuses = answers(server, head(*route, alice_key, Content_Length=len(inner)) + inner)

    assert len(statuses) == 1
    assert alice.get(f"/recall/{hidden}").status_code == 404


def test_a_key_in_a_trailer_opens_nothing(server: ServerProcess, alice_key: str) -> None:
    body = BODIES["POST", "/stash"]
    chunks = b"%x\r\n%s\r\n0\r\nX-API-KEY: %s\r\n\r\n" % (len(body), body, alice_key.encode())

    assert answers(server, head("POST", "/stash", Transfer_Encoding="chunked") + chunks) == [401]


def test_of_two_keys_neither_is_taken(server: ServerProcess, alice_key: str, mallory_key: str) -> None:
    """A proxy before the server may have judged one, and the server the other."""
    both = head("GET", "/recall/x", alice_key)[:-2] + f"X-API-KEY: {mallory_key}\r\n\r\n".encode()

    assert answers(server, both) == [401]
