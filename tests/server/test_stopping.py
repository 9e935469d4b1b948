"""SIGTERM: what is under way is answered, and the process ends when that is done."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.client import Client, head, seconds_since
from tests.server.gunicorn_process import GunicornProcess
from tests.server.hasty import LIMITS

Servers = Callable[..., GunicornProcess]


def test_an_idle_server_ends_at_once(own_server: Servers) -> None:
    server = own_server()
    with Client(server.port) as silent, Client(server.port) as idle:
        idle.ask("GET", "/hello")
        start = time.monotonic()
        assert server.stop() == 0
        assert seconds_since(start) < 3
        assert silent.closed(within=1)
        assert idle.closed(within=1)


def test_a_request_under_way_is_answered(own_server: Servers) -> None:
    server = own_server()
    with Client(server.port) as client:
        client.request("GET", "/sleep?1.5")
        time.sleep(0.3)
        server.terminate()
        answer = client.answer()
        assert (answer.body, answer.headers["connection"]) == (b"hello", "keep-alive")
        assert client.closed(within=3)
    assert server.stop() == 0


def test_a_body_on_its_way_is_taken_and_answered(own_server: Servers) -> None:
    server = own_server()
    with Client(server.port) as client:
        client.send(head("POST", "/echo", Content_Length=40))
        time.sleep(0.2)
        server.terminate()
        for _ in range(4):
            time.sleep(0.1)
            client.send(b"x" * 10)
        assert client.answer().json == {"length": 40, "error": None}
    start = time.monotonic()
    assert server.stop() == 0
    assert seconds_since(start) < 3


def test_a_request_that_was_already_sent_on_an_idle_connection_is_answered(own_server: Servers) -> None:
    server = own_server()
    with Client(server.port) as client:
        client.ask("GET", "/hello")
        server.terminate()
        time.sleep(0.3)
        assert client.ask("GET", "/hello").headers["connection"] == "close"
    assert server.stop() == 0


def test_a_request_that_has_come_is_answered_however_long_others_compute(own_server: Servers) -> None:
    """Also one that waits for a slot for longer than idle connections are kept."""
    server = own_server("--threads", "1")
    with Client(server.port) as busy, Client(server.port) as known, Client(server.port) as new:
        known.ask("GET", "/hello")
        busy.request("GET", "/sleep?2.5")
        time.sleep(0.3)
        known.request("GET", "/hello")
        new.request("GET", "/hello")
        time.sleep(0.1)
        server.terminate()
        assert busy.answer().body == known.answer().body == new.answer().body == b"hello"
    assert server.stop() == 0


@pytest.mark.parametrize("path", ["/echo", "/sleep?30"])
def test_nobody_holds_it_longer_than_the_graceful_timeout(own_server: Servers, path: str) -> None:
    server = own_server("--graceful-timeout", "1")
    with Client(server.port) as client:
        client.send(head("POST", path, Content_Length=10))
        time.sleep(0.3)
        start = time.monotonic()
        server.stop()
        assert seconds_since(start) < LIMITS.idle + 2


def test_it_reloads(own_server: Servers, tmp_path: Path) -> None:
    watched = tmp_path / "watched.py"
    watched.write_text("")
    server = own_server("--reload", "--reload-extra-file", str(watched))
    with Client(server.port) as idle:
        before = idle.ask("GET", "/census").json["process"]
        time.sleep(1.2)
        watched.write_text("changed = True")
        server.wait_for(re.compile("Booting worker.*Booting worker", re.DOTALL), seconds=10)
    with Client(server.port) as client:
        assert client.ask("GET", "/census").json["process"] != before
