"""A request's body: whole, short, chunked, slow."""

import socket
import time

import pytest

from tests.server.client import Client, head, seconds_since
from tests.server.hasty import LIMITS

LATE = LIMITS.idle + 1


def test_a_large_body(client: Client) -> None:
    assert client.ask("POST", "/echo", b"x" * 5_000_000).json == {"length": 5_000_000, "error": None}
    assert client.ask("GET", "/hello").status == 200


def test_a_body_in_pieces_with_pauses(client: Client) -> None:
    client.send(head("POST", "/echo", Content_Length=3))
    for byte in b"abc":
        time.sleep(LIMITS.idle / 4)
        client.send(bytes([byte]))
    assert client.answer().json == {"length": 3, "error": None}
    assert client.ask("GET", "/hello").status == 200


def test_a_chunked_body(client: Client) -> None:
    client.send(head("POST", "/echo", Transfer_Encoding="chunked"))
    for piece in (b"3\r\nabc\r\n", b"4;x=y\r\ndefg\r\n", b"0\r\n\r\n"):
        client.send(piece)
        time.sleep(0.05)
    assert client.answer().json == {"length": 7, "error": None}
    assert client.ask("GET", "/hello").status == 200


@pytest.mark.parametrize("part", [b"", b"abc"])
def test_a_stalled_body_raises_timeout_error_and_closes(client: Client, part: bytes) -> None:
    start = time.monotonic()
    client.send(head("POST", "/echo", Content_Length=10) + part)
    answer = client.answer()
    assert LIMITS.idle <= seconds_since(start) < LATE
    assert (answer.status, answer.headers["connection"]) == (408, "close")
    assert answer.json["error"] == "SlowBody"
    assert client.closed(within=LIMITS.linger + 1)


def test_a_stalled_chunk_raises_timeout_error_and_closes(client: Client) -> None:
    client.send(head("POST", "/echo", Transfer_Encoding="chunked") + b"5\r\nab")
    answer = client.answer()
    assert (answer.status, answer.headers["connection"]) == (408, "close")


def test_a_trickle_is_cut_off(client: Client) -> None:
    start = time.monotonic()
    client.send(head("POST", "/echo", Content_Length=1000))
    while seconds_since(start) < LIMITS.grace - 0.2:
        client.send(b"x")
        time.sleep(0.1)
    answer = client.answer()
    assert answer.status == 408
    assert seconds_since(start) < LATE


def test_a_slow_but_fair_body_is_taken(client: Client) -> None:
    pieces = 7
    client.send(head("POST", "/echo", Content_Length=pieces * 8192))
    for _ in range(pieces):
        time.sleep(0.3)
        client.send(b"x" * 8192)
    assert client.answer().json["length"] == pieces * 8192


def test_the_applications_own_time_does_not_count(client: Client) -> None:
    client.send(head("POST", f"/sleep/?{LIMITS.idle + 0.5}", Content_Length=3))
    time.sleep(0.1)
    client.send(b"abc")
    assert client.answer().status == 200


def test_a_stalled_body_that_the_application_does_not_handle_is_408(client: Client) -> None:
    client.send(head("POST", "/careless", Content_Length=10) + b"abc")
    answer = client.answer()
    assert (answer.status, answer.headers["connection"]) == (408, "close")
    assert answer.json["code"] == "request_timeout"


def test_a_short_body_reads_short_and_the_connection_closes(client: Client) -> None:
    client.send(head("POST", "/echo", Content_Length=10) + b"abc")
    client.sock.shutdown(socket.SHUT_WR)
    assert client.answer().json == {"length": 3, "error": None}
    assert client.closed(within=1)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"xyz\r\nabc\r\n0\r\n\r\n", "InvalidChunkSize"),
        (b"-3\r\nabc\r\n0\r\n\r\n", "InvalidChunkSize"),
        (b"3\r\nabcdef\r\n0\r\n\r\n", "ChunkMissingTerminator"),
        (b"3;\r\x01\r\nabc\r\n0\r\n\r\n", "InvalidChunkExtension"),
    ],
)
def test_broken_chunks_reach_the_application_and_close(client: Client, body: bytes, error: str) -> None:
    client.send(head("POST", "/echo", Transfer_Encoding="chunked") + body + head("GET", "/smuggled"))
    answer = client.answer()
    assert (answer.json["error"], answer.headers["connection"]) == (error, "close")
    assert client.closed(within=LIMITS.linger + 1)


def test_chunks_that_end_early_reach_the_application(client: Client) -> None:
    client.send(head("POST", "/echo", Transfer_Encoding="chunked") + b"5\r\nab")
    client.sock.shutdown(socket.SHUT_WR)
    assert client.answer().json["error"] == "NoMoreData"


def test_broken_chunks_that_the_application_does_not_handle_are_400(client: Client) -> None:
    client.send(head("POST", "/careless", Transfer_Encoding="chunked") + b"xyz\r\n")
    answer = client.answer()
    assert (answer.status, answer.json["code"]) == (400, "invalid_request")


def test_100_continue_comes_when_the_application_reads(client: Client) -> None:
    client.send(head("POST", "/echo", Content_Length=3, Expect="100-continue"))
    assert client.answer().status == 100
    client.send(b"abc")
    assert client.answer().json["length"] == 3
    assert client.ask("GET", "/hello").status == 200


def test_a_refusal_comes_instead_of_100_continue(client: Client) -> None:
    client.send(head("POST", "/refuse", Content_Length=3, Expect="100-continue"))
    answer = client.answer()
    assert (answer.status, answer.headers["connection"]) == (413, "close")
