"""Every promise is kept on every engine that a hosted or a local service may run on."""

from collections.abc import Iterator

import pytest

from tests.conftest import alice_key, mallory_key
from tests.server_process import ServerProcess
from tests.servers import shared

# Theirs too, for pytest keeps one value of a session's fixture, whichever `server` it was made with.
__all__ = ["alice_key", "mallory_key"]


@pytest.fixture(scope="session", params=["sqlite", "redis", "postgres"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """Two worker processes over one store."""
    settings = {}
    if request.param == "redis":
        settings = {"STASH_BACKEND": "redis", "REDIS_URL": shared.redis_server().url}
    if request.param == "postgres":
        settings = {"STASH_BACKEND": "database", "DATABASE_URL": shared.postgres_server().create_database()}
    home = tmp_path_factory.mktemp(request.param)
    process = ServerProcess(home, "--workers", "2", **settings).start()
    yield process
    process.stop()
