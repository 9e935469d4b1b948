"""A server of a test's own, that it may kill, freeze, fill or watch; and the run's, emptied."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stash_memory.backends.redis import connect
from tests.backends import RedisBackend
from tests.servers import shared
from tests.servers.redis_server import RedisServer


@pytest.fixture
def server() -> RedisServer:
    """The run's server, emptied."""
    server = shared.redis_server()
    with server.client() as client:
        client.flushall()
        client.config_resetstat()
    return server


@pytest.fixture
def own_server() -> Iterator[Callable[..., RedisServer]]:
    """Starts servers for one test alone: `own_server(maxmemory="20mb")`."""
    started: list[RedisServer] = []

    def start(**settings: Any) -> RedisServer:
        started.append(RedisServer(**settings))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def opened() -> Iterator[Callable[..., RedisBackend]]:
    """Opens backends by URL, and closes them: `opened(server.url)`."""
    backends: list[RedisBackend] = []

    def open_(url: str, **options: Any) -> RedisBackend:
        backends.append(RedisBackend(connect(url, **options)))
        return backends[-1]

    yield open_
    for backend in backends:
        backend.close()


@pytest.fixture
def backend(server: RedisServer, opened: Callable[..., RedisBackend]) -> RedisBackend:
    """A backend on the run's server."""
    return opened(server.url)
