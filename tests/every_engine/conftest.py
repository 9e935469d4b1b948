"""Every engine that a service may run on, and a cast of users who keep nothing yet."""

from collections.abc import Callable, Iterator

import httpx2
import pytest

from tests.every_engine.cast import Member, troupe_of
from tests.server_process import ServerProcess


@pytest.fixture(scope="session", params=["sqlite", "redis", "postgres"])
def server(request: pytest.FixtureRequest, server_on: Callable[[str], ServerProcess]) -> ServerProcess:
    """Two worker processes over one store."""
    return server_on(request.param)


@pytest.fixture(scope="session")
def troupe(server: ServerProcess) -> dict[str, Iterator[Member]]:
    """Users who keep nothing yet, by tier: without limits, or with caps of 8 memories and 4,000 bytes."""
    return troupe_of(server)


@pytest.fixture
def member(troupe: dict[str, Iterator[Member]]) -> Member:
    """A user without limits."""
    return next(troupe["enterprise"])


@pytest.fixture
def key(member: Member) -> str:
    """That user's key."""
    return member.key


@pytest.fixture
def user(member: Member) -> str:
    """That user's public id."""
    return member.user


@pytest.fixture
def client(server: ServerProcess, key: str) -> Iterator[httpx2.Client]:
    """That user's client."""
    with server.client(key) as client:
        yield client


@pytest.fixture
def capped_key(troupe: dict[str, Iterator[Member]]) -> str:
    """The key of a user who may keep 8 memories and 4,000 bytes."""
    return next(troupe["capped"]).key


@pytest.fixture
def capped(server: ServerProcess, capped_key: str) -> Iterator[httpx2.Client]:
    """That user's client."""
    with server.client(capped_key) as client:
        yield client
