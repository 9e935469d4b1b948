"""Every promise is kept on every engine that a hosted or a local service may run on."""

from collections.abc import Callable

import pytest

from tests.conftest import alice_key, mallory_key
from tests.server_process import ServerProcess

# Theirs too, for pytest keeps one value of a session's fixture, whichever `server` it was made with.
__all__ = ["alice_key", "mallory_key"]


@pytest.fixture(scope="session", params=["sqlite", "redis", "postgres"])
def server(request: pytest.FixtureRequest, server_on: Callable[[str], ServerProcess]) -> ServerProcess:
    """Two worker processes over one store."""
    return server_on(request.param)
