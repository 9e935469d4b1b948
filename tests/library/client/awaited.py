"""AsyncStash as the suite calls it: each method runs to its end on a loop in a thread of its own."""

import asyncio
import inspect
import threading
from collections.abc import AsyncIterator, Coroutine
from types import TracebackType
from typing import Any, Self

from stash_memory import AsyncBatch, AsyncStash


class Loop:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def stop(self) -> None:
        self.run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class AwaitedBatch:
    """AsyncBatch, awaited."""

    def __init__(self, batch: AsyncBatch, loop: Loop) -> None:
        self._batch, self._loop = batch, loop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __len__(self) -> int:
        return len(self._batch)

    def run(self) -> Any:
        return self._loop.run(self._batch.run())

    def __enter__(self) -> Self:
        self._loop.run(self._batch.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.run(self._batch.__aexit__(kind, error, trace))


class Awaited:
    """AsyncStash, awaited."""

    def __init__(self, stash: AsyncStash, loop: Loop) -> None:
        self._stash, self._loop = stash, loop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._stash, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            made = found(*args, **kwargs)
            if inspect.iscoroutine(made):
                return self._loop.run(made)
            if isinstance(made, AsyncIterator):
                return iter(self._loop.run(_all(made)))
            if isinstance(made, AsyncBatch):
                return AwaitedBatch(made, self._loop)
            return Awaited(made, self._loop) if isinstance(made, AsyncStash) else made

        return call

    def __enter__(self) -> Self:
        self._loop.run(self._stash.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.run(self._stash.__aexit__(kind, error, trace))


async def _all(entries: AsyncIterator[Any]) -> list[Any]:
    return [entry async for entry in entries]
