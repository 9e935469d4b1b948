"""AsyncStash: Stash for asyncio."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from stash_memory.client import procedures
from stash_memory.client.base import Base
from stash_memory.client.batch import AsyncBatch
from stash_memory.client.choice import AsyncKeeper, open_async_keeper
from stash_memory.client.memory import UNSET, Entry, Memory
from stash_memory.client.namespace import Duration
from stash_memory.client.procedures import Apply, Procedure, Results, Wait, run_async
from stash_memory.errors import MemoryMissing
from stash_memory.ids import LONGEST_PAGE
from stash_memory.operations import Single

Done = TypeVar("Done")


class AsyncStash(Base):
    """Stash with methods to await, on asyncio. It takes the arguments of Stash, whose methods say more.

    Over HTTP it does its own async I/O; embedded, it makes each call in a thread. `async with` closes it.

    >>> async def main():
    ...     async with AsyncStash(backend="memory") as stash:
    ...         await stash.set("my-key", {"task": "summarize"}, ttl=3600)
    ...         return await stash.get("my-key")
    >>> asyncio.run(main())
    {'task': 'summarize'}
    """

    _keeper: AsyncKeeper
    _open_keeper = staticmethod(open_async_keeper)

    async def get(self, key: str, default: Any = None) -> Any:
        """Returns the data under `key`, or `default` if there is no memory.

        >>> _ = await stash.set("my-key", {"task": "summarize"})
        >>> await stash.get("my-key")
        {'task': 'summarize'}
        """
        try:
            return await self._keeper.read(self._names.qualify(key))
        except MemoryMissing:
            return default

    async def set(
        self,
        key: str,
        data: Any,
        ttl: Duration | None = None,
        *,
        if_absent: bool = False,
        if_version: str | None = None,
    ) -> Memory:
        """Keeps `data` under `key`. Raises PreconditionFailed, TypeError, PayloadTooLarge, InvalidRequest.

        >>> (await stash.set("lock", "agent-7", ttl=30, if_absent=True)).ttl
        30
        """
        return await self._do(self._names.put(key, data, ttl, if_version, if_absent))  # type: ignore[no-any-return]

    async def stash(self, data: Any, ttl: Duration | None = None) -> Memory:
        """Keeps `data` under a new id of 8 characters.

        >>> memory = await stash.stash([1, 2, 3], ttl=600)
        >>> await stash.get(memory.memory_id)
        [1, 2, 3]
        """
        return await self._run(procedures.stash(self._names, data, ttl))

    async def recall(self, memory_id: str, *, extend: Duration | None = None) -> Memory:
        """Returns the memory with its data; `extend` raises its remaining life to at least so many seconds.

        Raises MemoryNotFound, MemoryExpired.

        >>> _ = await stash.set("plan", "sleep", ttl=60)
        >>> (await stash.recall("plan", extend=600)).ttl
        600
        """
        return await self._do(self._names.recall(memory_id, extend))  # type: ignore[no-any-return]

    async def update(
        self,
        memory_id: str,
        data: Any = UNSET,
        *,
        extra_seconds: Duration | None = None,
        at_least: Duration | None = None,
        if_version: str | None = None,
    ) -> Memory:
        """Replaces the data, lengthens the life, or both. Raises the errors of recall and set.

        >>> memory = await stash.stash({"progress": 0.5}, ttl=60)
        >>> (await stash.update(memory.memory_id, {"progress": 1}, extra_seconds=60)).ttl
        120
        """
        operation = self._names.update(memory_id, data, extra_seconds, if_version, at_least)
        return await self._do(operation)  # type: ignore[no-any-return]

    async def extend(self, memory_id: str, seconds: Duration) -> Memory:
        """Adds to the life, up to the maximum TTL from now. Raises MemoryNotFound, MemoryExpired.

        >>> memory = await stash.stash("more time", ttl=60)
        >>> (await stash.extend(memory.memory_id, 30)).ttl
        90
        """
        return await self._do(self._names.update(memory_id, extra=seconds))  # type: ignore[no-any-return]

    async def forget(
        self, memory_id: str, *, if_version: str | None = None, missing_ok: bool = False
    ) -> None:
        """Deletes the memory now. Raises MemoryNotFound or MemoryExpired, unless `missing_ok`; PreconditionFailed.

        >>> memory = await stash.stash("a secret")
        >>> await stash.forget(memory.memory_id)
        """
        await self._run(procedures.forget(self._names, memory_id, if_version, missing_ok))

    async def ttl(self, key: str) -> int | None:
        """Returns the memory's remaining seconds, rounded up, or None if there is no memory. Reads no data.

        >>> _ = await stash.set("a", 1, ttl=60)
        >>> await stash.ttl("a")
        60
        """
        found = await self._run(procedures.find(self._names, key))
        return None if found is None else found.ttl

    async def exists(self, key: str) -> bool:
        """Whether `key` has a memory. Reads no data.

        >>> await stash.exists("no-such-key")
        False
        """
        return await self._run(procedures.find(self._names, key)) is not None

    async def transform(
        self,
        key: str,
        function: Callable[[Any], Any] | Callable[[Any], Awaitable[Any]],
        *,
        ttl: Duration | None = None,
        default: Any = UNSET,
        timeout: float = 60,
    ) -> Memory:
        """Replaces the data by the result of `function(data)`, and loses no concurrent write.

        `function` may be a coroutine function. It may run more than once, as in Stash.

        >>> (await stash.transform("visits", lambda count: count + 1, default=0)).data
        1
        """
        return await self._run(procedures.transform(self._names, key, function, ttl, default, timeout))

    async def list(self, prefix: str = "") -> AsyncIterator[Entry]:
        """Yields the memories whose ids begin with `prefix`, in order of the ids' UTF-8 bytes, without their data.

        >>> async def ids(prefix):
        ...     return [entry.memory_id async for entry in stash.list(prefix)]
        >>> _ = await stash.set_many({"run/1": 1, "walk/1": 2})
        >>> await ids("run/")
        ['run/1']
        """
        cursor = None
        page_of = self._names.list_page(prefix, None, LONGEST_PAGE)
        while True:
            page = await self._do(page_of._replace(cursor=cursor))
            for entry in page.entries:
                yield entry
            cursor = page.cursor
            if cursor is None:
                return

    async def forget_prefix(self, prefix: str) -> int:
        """Forgets every memory whose id begins with `prefix`, one by one; returns how many.

        >>> _ = await stash.set_many({"run-4/a": 1, "run-42/a": 2})
        >>> await stash.forget_prefix("run-4/")
        1
        """
        return await self._do(self._names.forget_prefix(prefix))  # type: ignore[no-any-return]

    async def get_many(self, keys: Iterable[str]) -> dict[str, Any]:
        """Returns the data of the `keys` that have memories; a hundred keys make one batch.

        >>> _ = await stash.set("a", 1)
        >>> await stash.get_many(["a", "b"])
        {'a': 1}
        """
        return await self._run(procedures.get_many(self._names, keys, self._max_wait))

    async def set_many(self, values: Mapping[str, Any], ttl: Duration | None = None) -> dict[str, Memory]:
        """Keeps each of the `values` under its key; a hundred values make one batch.

        If some fail, keeps the others and then raises the first error.

        >>> (await stash.set_many({"a": 1, "b": 2}, ttl=60))["b"].ttl
        60
        """
        return await self._run(procedures.set_many(self._names, values, ttl, self._max_wait))

    async def forget_many(self, keys: Iterable[str]) -> int:
        """Forgets the `keys` that have memories; returns how many.

        >>> await stash.forget_many(["a", "b"])
        0
        """
        return await self._run(procedures.forget_many(self._names, keys, self._max_wait))

    def batch(self) -> AsyncBatch:
        """Starts a batch: calls that go out together, with a result for each.

        >>> batch = stash.batch()
        >>> batch.set("a", 1)
        >>> batch.recall("a")
        >>> (await batch.run())[1].data
        1
        """
        return AsyncBatch(self._names, self._run_batch)

    async def close(self) -> None:
        """Closes files and connections; afterwards every method raises StoreUnavailable.

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

    async def _run_batch(self, operations: Sequence[Single]) -> Results:
        return await self._run(procedures.run_batch(self._names, operations, self._max_wait))

    async def _do(self, operation: Any) -> Any:
        return self._names.localize(await self._keeper.do(operation))

    async def _act(self, step: Any) -> Any:
        if isinstance(step, Wait):
            return await asyncio.sleep(step.seconds)
        if isinstance(step, Apply):
            made = step.function(step.argument)
            return await made if inspect.isawaitable(made) else made
        return await self._do(step)

    async def _run(self, procedure: Procedure[Done]) -> Done:
        return await run_async(procedure, self._act)
