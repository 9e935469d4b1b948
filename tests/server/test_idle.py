"""Idle connections make room for newcomers."""

from collections.abc import Callable
from contextlib import ExitStack

from tests.server.client import Client
from tests.server.gunicorn_process import GunicornProcess

Servers = Callable[..., GunicornProcess]


def test_as_many_idle_clients_as_there_may_be_lock_nobody_out(own_server: Servers) -> None:
    server = own_server("--worker-connections", "30")
    with ExitStack() as stack:
        for number in range(60):
            client = stack.enter_context(Client(server.port))
            if number % 3:
                assert client.ask("GET", "/hello").body == b"hello"
        newcomer = stack.enter_context(Client(server.port))
        assert newcomer.ask("GET", "/hello").body == b"hello"
        assert newcomer.ask("GET", "/hello").body == b"hello"


def test_who_has_asked_is_not_idle(own_server: Servers) -> None:
    """Requests wait while others compute: no deadline for idle connections, and no newcomer's need, closes theirs."""
    server = own_server("--threads", "1", "--worker-connections", "20", "--keep-alive", "1")
    with ExitStack() as stack:
        computing = stack.enter_context(Client(server.port))
        computing.request("GET", "/sleep?2.5")
        asking = [stack.enter_context(Client(server.port)) for _ in range(15)]
        for client in asking:
            client.request("GET", "/hello")
        # Only now are there more connections than there may be.
        for _ in range(15):
            stack.enter_context(Client(server.port))
        assert {client.answer().body for client in (computing, *asking)} == {b"hello"}
