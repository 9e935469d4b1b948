"""One server with metrics, for all tests here."""

from collections.abc import Iterator

import pytest

from tests.metrics.scraped import TOKEN, Scraped
from tests.server_process import ServerProcess


@pytest.fixture(scope="session")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """Two worker processes."""
    folder = tmp_path_factory.mktemp("measured")
    settings = {"STASH_METRICS_TOKEN": TOKEN, "STASH_MAX_PAYLOAD_BYTES": "10000000"}
    server = ServerProcess(folder, "--workers", "2", **settings).start()
    yield server
    server.stop()


@pytest.fixture
def scraped(measured: ServerProcess) -> Scraped:
    """What it says of itself."""
    return Scraped(measured)
