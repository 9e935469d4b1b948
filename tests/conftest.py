"""The cast and the stage: a server, Alice who owns the memories, and Mallory who must see nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from hypothesis import HealthCheck, settings

from tests.leaks import scan
from tests.server_process import ServerProcess
from tests.servers import shared
from tests.servers.report import pytest_sessionfinish, pytest_terminal_summary, pytest_testnodedown

__all__ = ["pytest_sessionfinish", "pytest_terminal_summary", "pytest_testnodedown"]

# How long an example takes is the machine's affair: speed is measured in benchmarks/, and never a test's outcome.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def nothing_leaks() -> Iterator[None]:
    """At the end of the run: no key and no data in the log of any server that it started."""
    yield
    assert scan.in_logs() == []


@pytest.fixture(scope="session")
def server_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], ServerProcess]]:
    """The server with two worker processes on `sqlite`, `redis` or `postgres`, shared by all tests of one run."""
    started: dict[str, ServerProcess] = {}

    def on(engine: str) -> ServerProcess:
        if engine not in started:
            settings = shared.settings_of(engine)
            process = ServerProcess(tmp_path_factory.mktemp(engine), "--workers", "2", **settings)
            started[engine] = process.start()
        return started[engine]

    yield on
    for process in started.values():
        process.stop()


@pytest.fixture(scope="session")
def server(server_on: Callable[[str], ServerProcess]) -> ServerProcess:
    """The one on sqlite, for all tests that leave it as it was."""
    return server_on("sqlite")


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """Makes servers for one test alone: `own_server("--workers", "2", STASH_MAX_TTL="60")`.

    `first` is a management command to run before the start.
    """
    started: list[ServerProcess] = []

    def make(
        *flags: str, home: Path | None = None, first: tuple[str, ...] = (), **settings: str
    ) -> ServerProcess:
        process = ServerProcess(home or tmp_path / f"home{len(started)}", *flags, **settings)
        if first:
            process.manage(*first)
        started.append(process.start())
        return process

    yield make
    for process in started:
        process.stop()


@pytest.fixture(scope="session")
def alice_key(server: ServerProcess) -> str:
    """Alice is on a tier without a rate limit."""
    return server.create_key("alice@example.com", "--tier", "enterprise")


@pytest.fixture(scope="session")
def mallory_key(server: ServerProcess) -> str:
    """So is Mallory, who has a good key and bad intentions."""
    return server.create_key("mallory@example.com", "--tier", "enterprise")


@pytest.fixture
def alice(server: ServerProcess, alice_key: str) -> Iterator[httpx2.Client]:
    with server.client(alice_key) as client:
        yield client


@pytest.fixture
def mallory(server: ServerProcess, mallory_key: str) -> Iterator[httpx2.Client]:
    with server.client(mallory_key) as client:
        yield client
