"""Idle connections make room for newcomers."""

from contextlib import ExitStack
from pathlib import Path

from tests.server.client import Client
from tests.server.gunicorn_process import GunicornProcess


def test_as_many_idle_clients_as_there_may_be_lock_nobody_out(tmp_path: Path) -> None:
    server = GunicornProcess(tmp_path, "--worker-connections", "30")
    with ExitStack() as stack:
        for number in range(60):
            client = stack.enter_context(Client(server.port))
            if number % 3:
                assert client.ask("GET", "/hello").body == b"hello"
        newcomer = stack.enter_context(Client(server.port))
        assert newcomer.ask("GET", "/hello").body == b"hello"
        assert newcomer.ask("GET", "/hello").body == b"hello"
    server.stop()


def test_who_has_asked_is_not_idle(tmp_path: Path) -> None:
    """Requests wait while others compute: no deadline for idle connections, and no newcomer's need, closes theirs."""
    server = GunicornProcess(tmp_path, "--threads", "1", "--worker-connections", "20", "--keep-alive", "1")
    with ExitStack() as stack:
        computing = stack.enter_context(Client(server.port))
        computing.request("GET", "/sleep?2.5")
        crowd = [stack.enter_context(Client(server.port)) for _ in range(30)]
        for client in crowd[:15]:
            client.request("GET", "/hello")
        assert {client.answer().body for client in (computing, *crowd[:15])} == {b"hello"}
    server.stop()
