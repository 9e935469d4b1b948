"""When a connection closes, how, and that nothing is left behind."""

import pytest

from tests.server.client import Client, head
from tests.server.gunicorn_process import GunicornProcess
from tests.server.hasty import LIMITS

TEN_GB = 10_000_000_000


def test_the_applications_connection_close_is_sent_and_kept(client: Client) -> None:
    assert client.ask("GET", "/bye").headers["connection"] == "close"
    assert client.closed(within=1)


def test_the_clients_connection_close_is_kept(client: Client) -> None:
    assert client.ask("GET", "/hello", Connection="close").headers["connection"] == "close"
    assert client.closed(within=1)


def test_a_refused_body_of_10_gb_is_not_read(client: Client) -> None:
    client.send(head("POST", "/refuse", Content_Length=TEN_GB))
    answer = client.answer()
    assert (answer.status, answer.headers["connection"]) == (413, "close")
    assert client.closed(within=LIMITS.linger + 1)


@pytest.mark.parametrize("size", [70_000, 5_000_000])
def test_a_refusal_reaches_a_client_that_is_still_sending(client: Client, size: int) -> None:
    client.request("POST", "/refuse", b"x" * size)
    answer = client.answer()
    assert (answer.status, answer.headers["connection"]) == (413, "close")
    assert client.closed(within=LIMITS.linger + 1)


def test_a_client_that_goes_on_sending_is_cut_off(client: Client) -> None:
    client.send(head("POST", "/refuse", Content_Length=TEN_GB))
    client.sock.settimeout(5)
    with pytest.raises(ConnectionError):
        client.send(b"x" * 150_000_000)


def test_a_small_unread_body_keeps_the_connection(client: Client) -> None:
    assert client.ask("POST", "/refuse", b"x" * 60_000).headers["connection"] == "keep-alive"
    assert client.ask("GET", "/hello").body == b"hello"


def test_a_small_unread_body_that_does_not_come_closes(client: Client) -> None:
    client.send(head("POST", "/refuse", Content_Length=10) + b"abc")
    assert client.answer().status == 413
    assert client.closed(within=LIMITS.idle + LIMITS.linger + 1)


def test_an_unread_chunked_body_is_passed_over(client: Client) -> None:
    client.send(
        head("POST", "/refuse", Transfer_Encoding="chunked")
        + b"3\r\nabc\r\n0\r\n\r\n"
        + head("GET", "/hello")
    )
    assert client.answer().status == 413
    assert client.answer().body == b"hello"


def test_a_large_unread_chunked_body_closes(client: Client) -> None:
    client.send(head("POST", "/refuse", Transfer_Encoding="chunked") + b"186A0\r\n" + b"x" * 100_000)
    assert client.answer().status == 413
    assert client.closed(within=LIMITS.linger + 1)


def test_broken_chunks_left_unread_do_not_answer_twice(client: Client) -> None:
    client.send(head("POST", "/refuse", Transfer_Encoding="chunked") + b"xyz\r\n" + head("GET", "/smuggled"))
    assert client.answer().status == 413
    assert client.closed(within=LIMITS.linger + 1)


def test_thousands_of_connections_leave_nothing_behind(server: GunicornProcess) -> None:
    def census() -> dict[str, int]:
        with Client(server.port) as client:
            return client.ask("GET", "/census", Connection="close").json  # type: ignore[no-any-return]

    before = census()
    for number in range(3000):
        with Client(server.port) as client:
            if number % 3 == 0:
                client.send(b"GET /hel")
            elif number % 3 == 1:
                client.request("GET", "/hello")
            else:
                client.ask("GET", "/hello", Connection="close")
    after = census()
    assert after["process"] == before["process"]
    assert after["threads"] <= before["threads"] + 8
    assert after["descriptors"] <= before["descriptors"] + 8
