"""Servers for the tests of this folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server.client import Client
from tests.server.gunicorn_process import GunicornProcess


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GunicornProcess]:
    """One process, four run slots, short deadlines; shared by all tests that leave it as it was."""
    process = GunicornProcess(tmp_path_factory.mktemp("gunicorn"))
    yield process
    process.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Callable[..., GunicornProcess]]:
    """Makes a server for one test alone, with more flags."""
    started: list[GunicornProcess] = []

    def make(*flags: str) -> GunicornProcess:
        started.append(GunicornProcess(tmp_path, *flags))
        return started[-1]

    yield make
    for process in started:
        process.stop()


@pytest.fixture
def client(server: GunicornProcess) -> Iterator[Client]:
    """A connection to the shared server."""
    with Client(server.port) as connection:
        yield connection
