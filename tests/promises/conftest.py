"""Every promise is kept on every engine that a service may run on, and by the whole of the hosted service."""

import pytest

from tests.conftest import alice_key, mallory_key
from tests.server_process import ServerProcess
from tests.stack.fixtures import stack
from tests.stack.tenants import Tenants

# Theirs too, for pytest keeps one value of a session's fixture, whichever `server` it was made with.
__all__ = ["alice_key", "mallory_key", "stack"]

POOLS = [pytest.param(f"hosted {pool}", marks=pytest.mark.engines) for pool in ("free", "pro", "enterprise")]


@pytest.fixture(scope="session", params=["sqlite", "redis", "postgres", *POOLS])
def server(request: pytest.FixtureRequest) -> ServerProcess:
    """Two worker processes over one store; of the hosted service, as the users of each pool have it."""
    hosted, _, pool = request.param.partition("hosted ")
    if pool:
        return Tenants(request.getfixturevalue("stack").server, pool)
    return request.getfixturevalue("server_on")(hosted)
