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
