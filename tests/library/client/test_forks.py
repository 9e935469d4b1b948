"""A Stash that was made before a fork goes on in the child, and in the parent."""

import asyncio
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stash_memory import AsyncStash, Stash
from tests.library.client.forwarder import Forwarder
from tests.library.client.ways import Http, Redis, Sqlite
from tests.server_process import ServerProcess

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


def in_child(act: Callable[[], None]) -> None:
    """Does `act` in a forked child; fails when it fails there."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            act()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


@pytest.mark.parametrize("kind", [Sqlite, Redis, Http], ids=lambda way: way.name)
def test_parent_and_children_share_it(kind: Any, server: ServerProcess, tmp_path: Path) -> None:
    way = kind(tmp_path, server)
    stash = way.open()
    stash.set("n", 0)

    def count() -> None:
        for _ in range(5):
            stash.transform("n", lambda n: n + 1)

    for _ in range(3):
        count()
        in_child(count)
    count()
    assert stash.get("n") == 35
    way.close()


def test_a_child_has_connections_of_its_own(server: ServerProcess) -> None:
    wire = Forwarder(server.host, server.port)
    with Stash(api_key=server.key, base_url=wire.url) as stash:
        stash.set("a", 1)
        assert wire.connections == 1

        def look() -> None:
            assert stash.get("a") == 1
            stash.close()

        in_child(look)
        assert wire.connections == 2
        assert stash.get("a") == 1
        assert wire.connections == 2
    wire.close()


def test_async_code_in_a_child_begins_anew(server: ServerProcess) -> None:
    stash = AsyncStash(api_key=server.key, base_url=server.url)

    async def look() -> None:
        await stash.set("a", 1)
        assert await stash.get("a") == 1
        await stash.close()

    in_child(lambda: asyncio.run(look()))
    asyncio.run(look())


def test_memory_goes_on_in_a_child_as_a_copy() -> None:
    with Stash(backend="memory") as stash:
        stash.set("a", 1)

        def change() -> None:
            assert stash.get("a") == 1
            stash.set("a", 2)

        in_child(change)
        assert stash.get("a") == 1
