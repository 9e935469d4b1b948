"""`stash` on a file of the test's own, and `anywhere`: the same tests on a file, a Redis and a server."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import Command
from tests.server_process import ServerProcess
from tests.servers import shared


@pytest.fixture
def stash(tmp_path: Path) -> Command:
    """On the default: a file."""
    return Command(tmp_path)


@pytest.fixture
def folder() -> str:
    """What the keys of one test begin with, where others' may be beside them."""
    return f"cli-{secrets.token_hex(4)}/"


@pytest.fixture(params=["sqlite", "redis", "server"])
def anywhere(request: pytest.FixtureRequest, tmp_path: Path, folder: str) -> Iterator[Command]:
    """On each of the ways to a store, chosen by the environment."""
    if request.param == "sqlite":
        yield Command(tmp_path)
    elif request.param == "redis":
        yield Command(tmp_path, STASH_BACKEND="redis", REDIS_URL=shared.redis_server().url)
    else:
        server: ServerProcess = request.getfixturevalue("server")
        yield Command(tmp_path, STASH_API_KEY=server.key, STASH_URL=server.url)
        with server.client() as client:
            client.delete("/stash", params={"prefix": folder})
