"""AsyncStash: the same for asyncio."""

import os
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from stash_memory.client import opening, several
from stash_memory.client.async_batch import AsyncBatch
from stash_memory.client.async_singles import AsyncSingles
from stash_memory.client.choice import Choice, choose
from stash_memory.client.durations import Duration
from stash_memory.client.memory import Entry, Memory
from stash_memory.client.namespace import Namespace
from stash_memory.client.several import Results
from stash_memory.cursor import LONGEST_PAGE
from stash_memory.operations import Single


class AsyncStash(AsyncSingles):
    """Stash with methods to await, on asyncio. Its arguments are those of Stash.

    Over HTTP it is native; embedded, each call is made in a thread. `async with` closes it.

    >>> async def main():
    ...     async with AsyncStash(backend="memory") as stash:
    ...         await stash.set("my-key", {"task": "summarize"}, ttl=3600)
    ...         return await stash.get("my-key")
    >>> asyncio.run(main())
    {'task': 'summarize'}
    """

    def __init__(
        self,
        backend: str | None = None,
        *,
        path: str | os.PathLike[str] | None = None,
        redis_url: str | None = None,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float = 30,
        max_wait: float = 30,
    ) -> None:
        self._choice = choose(backend, path=path, redis_url=redis_url, api_key=api_key, base_url=base_url)
        self._keeper = opening.async_keeper(self._choice, timeout=timeout, max_wait=max_wait)
        self._names = Namespace()
        self._max_wait = max_wait
        self._is_view = False

    @property
    def choice(self) -> Choice:
        """Which backend is used, where, and what chose it.

        >>> stash.choice.backend
        'memory'
        """
        return self._choice

    @property
    def prefix(self) -> str:
        """What this namespace puts before each id; empty where it is none.

        >>> stash.namespace("agent-7").prefix
        'agent-7/'
        """
        return self._names.prefix

    def namespace(self, name: str) -> "AsyncStash":
        """A view of the memories whose ids begin with `name` and a slash, under what follows that.

        >>> _ = await stash.namespace("agent-7").set("plan", ["think"])
        >>> await stash.get("agent-7/plan")
        ['think']
        """
        view = object.__new__(type(self))
        view.__dict__.update(self.__dict__, _names=self._names.inner(name), _is_view=True)
        return view

    async def list(self, prefix: str = "") -> AsyncIterator[Entry]:
        """The memories whose ids begin with `prefix`, in order of the ids' UTF-8 bytes, without their data.

        >>> async def ids(prefix):
        ...     return [entry.memory_id async for entry in stash.list(prefix)]
        >>> _ = await stash.set_many({"run/1": 1, "walk/1": 2})
        >>> await ids("run/")
        ['run/1']
        """
        cursor = None
        page_of = self._names.page(prefix, None, LONGEST_PAGE)
        while True:
            page = await self._do(page_of._replace(cursor=cursor))
            for entry in page.entries:
                yield entry
            cursor = page.cursor
            if cursor is None:
                return

    async def forget_prefix(self, prefix: str) -> int:
        """Forgets every memory whose id begins with `prefix`; returns how many. Each goes by itself.

        >>> _ = await stash.set_many({"run-4/a": 1, "run-42/a": 2})
        >>> await stash.forget_prefix("run-4/")
        1
        """
        return await self._do(self._names.forget_prefix(prefix))  # type: ignore[no-any-return]

    async def get_many(self, keys: Iterable[str]) -> dict[str, Any]:
        """The data under those of the `keys` that are there; a hundred at a time.

        >>> _ = await stash.set("a", 1)
        >>> await stash.get_many(["a", "b"])
        {'a': 1}
        """
        return await self._run(several.get_many(self._names, keys, self._max_wait))

    async def set_many(self, values: Mapping[str, Any], ttl: Duration | None = None) -> dict[str, Memory]:
        """Keeps each of the `values` under its key; a hundred at a time. Raises the first error at the end.

        >>> (await stash.set_many({"a": 1, "b": 2}, ttl=60))["b"].ttl
        60
        """
        return await self._run(several.set_many(self._names, values, ttl, self._max_wait))

    async def forget_many(self, keys: Iterable[str]) -> int:
        """Forgets those of the `keys` that are there; returns how many.

        >>> await stash.forget_many(["a", "b"])
        0
        """
        return await self._run(several.forget_many(self._names, keys, self._max_wait))

    def batch(self) -> AsyncBatch:
        """Calls to note down and make together, with a result for each.

        >>> batch = stash.batch()
        >>> batch.set("a", 1)
        >>> batch.recall("a")
        >>> (await batch.run())[1].data
        1
        """
        return AsyncBatch(self._names, self._make)

    async def close(self) -> None:
        """Lets go of files and connections; afterwards every method raises StoreUnavailable.

        >>> await stash.close()
        """
        if not self._is_view:
            await self._keeper.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        where = f" at {self._choice.address}" if self._choice.address else ""
        inside = f", namespace {self.prefix!r}" if self.prefix else ""
        return f"<AsyncStash {self._choice.backend}{where}{inside}>"

    async def _make(self, operations: Sequence[Single]) -> Results:
        return await self._run(several.many(self._names, operations, self._max_wait))
