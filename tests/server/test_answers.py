"""Answers: of every form, to quick readers and slow ones, and from applications that fail."""

import select
import socket
import time
from pathlib import Path

import pytest

from tests.server.client import Client, head, seconds_since
from tests.server.gunicorn_process import GunicornProcess
from tests.server.hasty import LIMITS

BIG = 30_000_000


def test_an_answer_without_a_body(client: Client) -> None:
    for _ in range(2):
        answer = client.ask("GET", "/empty")
        assert (answer.status, answer.headers["connection"]) == (204, "keep-alive")


def test_head_has_the_length_and_no_body(client: Client) -> None:
    for _ in range(2):
        assert client.ask("HEAD", "/big?1000").headers["content-length"] == "1000"
    assert client.ask("GET", "/hello").body == b"hello"


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 1_000_000, BIG])
def test_answers_of_all_sizes(client: Client, size: int) -> None:
    for _ in range(2):
        assert client.ask("GET", f"/big?{size}").body == b"x" * size


def test_an_answer_of_unknown_length(client: Client) -> None:
    assert client.ask("GET", "/stream?1000").body == b"".join(b"%d\n" % number for number in range(1000))
    assert client.ask("GET", "/hello").body == b"hello"


def test_a_file(client: Client) -> None:
    assert client.ask("GET", "/file").body == Path(__file__).with_name("app.py").read_bytes()
    assert client.ask("GET", "/hello").body == b"hello"


def test_http_1_0(client: Client) -> None:
    client.send(b"GET /stream?3 HTTP/1.0\r\n\r\n")
    assert client.until(b"0\n1\n2\n").startswith(b"HTTP/1.0 200 OK\r\n")
    assert client.closed(within=1)


def test_a_reader_that_stops_is_cut_off(server: GunicornProcess) -> None:
    with Client(server.port, buffer=4096) as client:
        client.request("GET", f"/big?{BIG}")
        time.sleep(LIMITS.idle + 1)
        with pytest.raises(ConnectionResetError):
            client.exactly(BIG)
    assert "reads too slowly" in server.log


def test_a_reader_of_a_trickle_is_cut_off(server: GunicornProcess) -> None:
    with Client(server.port, buffer=4096) as client:
        client.request("GET", f"/big?{BIG}")
        with pytest.raises(ConnectionResetError):
            trickle(client, seconds=10)


def trickle(client: Client, seconds: float) -> None:
    """Reads a few bytes now and then."""
    start = time.monotonic()
    while seconds_since(start) < seconds:
        client.sock.recv(64)
        time.sleep(0.05)


def test_a_slow_but_fair_reader_is_served(server: GunicornProcess) -> None:
    """50 KB/s, of an answer that leaves the kernel's buffer too full to report any room for longer than a pause."""
    with Client(server.port, buffer=16_384) as client:
        client.request("GET", "/big?4000000")
        client.until(b"\r\n\r\n")
        start, left = time.monotonic(), 4_000_000
        while seconds_since(start) < 2 * LIMITS.idle:
            client.exactly(5000)
            left -= 5000
            time.sleep(0.1)
        assert client.exactly(left) == b"x" * left


def test_an_application_that_fails_is_500(client: Client, server: GunicornProcess) -> None:
    answer = client.ask("GET", "/fail")
    assert (answer.status, answer.headers["connection"]) == (500, "close")
    assert answer.json["code"] == "internal_error"
    assert b"Traceback" not in answer.body
    assert client.closed(within=LIMITS.linger + 1)
    assert "ValueError: the application is broken" in server.log


def test_an_applications_own_timeout_is_500(client: Client) -> None:
    assert client.ask("GET", "/oserror").json["code"] == "internal_error"


def test_an_application_that_exits_ends_its_request_alone(client: Client, server: GunicornProcess) -> None:
    client.request("GET", "/leave")
    assert client.closed(within=5)
    with Client(server.port) as other:
        assert other.ask("GET", "/hello").status == 200
    assert server.log.count("Booting worker") == 1


def test_an_answer_that_breaks_off_is_cut(client: Client, server: GunicornProcess) -> None:
    client.send(head("GET", "/half"))
    said = b""
    while data := client.sock.recv(1000):
        said += data
    assert said.endswith(b"\r\n\r\nhello")
    assert "ValueError: the application broke off" in server.log


def test_an_answer_that_the_kernel_holds_for_a_slow_reader_is_cut_off_too(server: GunicornProcess) -> None:
    """It fits in the kernel's buffers whole: no thread waits for it, and the connection would be kept alive."""
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect(("127.0.0.1", server.port))
        reader.sendall(head("GET", "/big?300000"))
        broken = select.poll()
        broken.register(reader, 0)
        start = time.monotonic()
        while not broken.poll(250):
            reader.recv(1)
            assert seconds_since(start) < 10

        assert seconds_since(start) > LIMITS.grace / 2
