"""A server of their own: these tests show it more bad keys in a minute than others could bear."""

import re
from collections.abc import Callable, Iterator

import httpx2
import pytest

from tests.conftest import alice_key, mallory_key
from tests.server_process import ServerProcess

# Theirs too, for pytest keeps one value of a session's fixture, whichever `server` it was made with.
__all__ = ["alice_key", "mallory_key"]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Two worker processes."""
    process = ServerProcess(tmp_path_factory.mktemp("keys"), "--workers", "2").start()
    yield process
    process.stop()


@pytest.fixture
def holder(server: ServerProcess) -> Iterator[Callable[[str], httpx2.Client]]:
    """Clients by their keys: `holder(secret)`."""
    clients: list[httpx2.Client] = []

    def holder(secret: str) -> httpx2.Client:
        clients.append(server.client(secret))
        return clients[-1]

    yield holder
    for client in clients:
        client.close()


@pytest.fixture
def root(
    server: ServerProcess, holder: Callable[[str], httpx2.Client], request: pytest.FixtureRequest
) -> httpx2.Client:
    """A user of this test alone, without a rate limit, with a full key named "root"."""
    email = f"{re.sub('[^a-z0-9]', '-', request.node.name.lower())[:60]}@example.com"
    return holder(server.create_key(email, "--tier", "enterprise", "--name", "root"))
