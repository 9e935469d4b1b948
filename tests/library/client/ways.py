"""The ways to the same Stash: embedded on three backends, and over HTTP, sync and async, to a real server."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from stash_memory import AsyncStash, Stash
from tests.library.client.awaited import Awaited, Loop
from tests.server_process import ServerProcess
from tests.servers import shared


class Way:
    """An empty store. `open` opens it once more, as another client would; memory has only the one."""

    name = ""
    hosted = False

    def __init__(self, folder: Path, server: ServerProcess | None) -> None:
        self.folder = folder
        self.stack = ExitStack()
        self.prepare(server)

    def prepare(self, server: ServerProcess | None) -> None:
        """Empties the store."""

    def open(self, **options: Any) -> Any:
        """A Stash, or what can be called like one."""
        return self.stack.enter_context(Stash(**self.arguments(), **options))

    def arguments(self) -> dict[str, Any]:
        """What Stash is made with."""
        raise NotImplementedError

    def close(self) -> None:
        """Closes all that was opened."""
        self.stack.close()


class Memory(Way):
    name = "memory"

    def prepare(self, server: ServerProcess | None) -> None:
        self.only = self.stack.enter_context(Stash(backend="memory"))

    def open(self, **options: Any) -> Any:
        return self.only


class Sqlite(Way):
    name = "sqlite"

    def arguments(self) -> dict[str, Any]:
        return {"backend": "sqlite", "path": self.folder / "memories.db"}


class Redis(Way):
    name = "redis"

    def prepare(self, server: ServerProcess | None) -> None:
        with shared.redis_server().client() as client:
            client.flushall()

    def arguments(self) -> dict[str, Any]:
        return {"backend": "redis", "redis_url": shared.redis_server().url}


class Http(Way):
    name = "http"
    hosted = True

    def prepare(self, server: ServerProcess | None) -> None:
        assert server is not None
        self.server = server
        with Stash(**self.arguments()) as stash:
            stash.forget_many([entry.memory_id for entry in stash.list()])

    def arguments(self) -> dict[str, Any]:
        return {"api_key": self.server.key, "base_url": self.server.url}


class HttpAsync(Http):
    name = "http-async"

    def open(self, **options: Any) -> Any:
        loop = self.stack.enter_context(running_loop())
        return self.stack.enter_context(Awaited(AsyncStash(**self.arguments(), **options), loop))


class SqliteAsync(Sqlite):
    name = "sqlite-async"
    open = HttpAsync.open


WAYS = (Memory, Sqlite, Redis, Http, HttpAsync, SqliteAsync)


@contextmanager
def running_loop() -> Iterator[Loop]:
    """A loop that is stopped in the end."""
    loop = Loop()
    try:
        yield loop
    finally:
        loop.stop()
