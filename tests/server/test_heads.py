"""A request's head: in one piece or many, on time or late."""

import time

from tests.server.client import Client, head, seconds_since
from tests.server.gunicorn_process import GunicornProcess
from tests.server.hasty import LIMITS

LATE = LIMITS.head + 1


def test_keep_alive(client: Client) -> None:
    for _ in range(3):
        answer = client.ask("GET", "/hello")
        assert (answer.status, answer.body, answer.headers["connection"]) == (200, b"hello", "keep-alive")


def test_a_head_in_many_pieces(client: Client) -> None:
    for byte in head("GET", "/hello"):
        client.send(bytes([byte]))
        time.sleep(0.005)
    assert client.answer().body == b"hello"


def test_pipelined_requests_are_answered_in_order(client: Client) -> None:
    client.send(
        head("GET", "/big?1") + head("POST", "/echo", Content_Length=3) + b"abc" + head("GET", "/hello") * 50
    )
    assert client.answer().body == b"x"
    assert client.answer().json == {"length": 3, "error": None}
    assert [client.answer().body for _ in range(50)] == [b"hello"] * 50


def test_a_connection_idle_for_longer_than_a_head_may_take_lives(client: Client) -> None:
    client.ask("GET", "/hello")
    time.sleep(LIMITS.head + 0.3)
    assert client.ask("GET", "/hello").status == 200


def test_a_half_head_is_answered_408_and_closed(client: Client) -> None:
    start = time.monotonic()
    client.send(b"GET /hello HTTP/1.1\r\nHost: loc")
    answer = client.answer()
    assert LIMITS.head <= seconds_since(start) < LATE
    assert (answer.status, answer.headers["connection"]) == (408, "close")
    assert answer.json["code"] == "request_timeout"
    assert client.closed(within=LIMITS.linger + 1)


def test_bytes_do_not_lengthen_a_head(client: Client) -> None:
    start = time.monotonic()
    client.send(b"GET /hello HTTP/1.1\r\nX-Long: ")
    while seconds_since(start) < LIMITS.head - 0.3:
        client.send(b"a")
        time.sleep(0.1)
    assert client.answer().status == 408
    assert seconds_since(start) < LATE


def test_a_half_head_after_an_answer_is_late_too(client: Client) -> None:
    client.ask("GET", "/hello")
    client.send(b"GET ")
    assert client.answer().status == 408


def test_a_silent_connection_is_closed_silently(server: GunicornProcess, client: Client) -> None:
    start = time.monotonic()
    assert client.closed(within=LATE + 1)
    assert seconds_since(start) > LIMITS.head / 2


def test_a_client_that_leaves_in_its_head_is_no_error(server: GunicornProcess) -> None:
    with Client(server.port) as rude:
        rude.send(b"GET /left-early HTT")
    with Client(server.port) as client:
        assert client.ask("GET", "/hello").status == 200
    assert "left-early" not in server.log
