"""The methods that are about one memory, for async code."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from stash_memory.client import procedures
from stash_memory.client.durations import Duration
from stash_memory.client.keeper import AsyncKeeper
from stash_memory.client.memory import UNSET, Memory
from stash_memory.client.namespace import Namespace
from stash_memory.client.steps import Apply, Procedure, Wait, run_async
from stash_memory.errors import MemoryMissing

Done = TypeVar("Done")


class AsyncSingles:
    """What AsyncStash does with one memory at a time. What each method promises is said in Singles."""

    _keeper: AsyncKeeper
    _names: Namespace

    async def get(self, key: str, default: Any = None) -> Any:
        """The data under `key`, or `default` where there is none.

        >>> _ = await stash.set("my-key", {"task": "summarize"})
        >>> await stash.get("my-key")
        {'task': 'summarize'}
        """
        try:
            return await self._keeper.read(self._names.whole(key))
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
        """The memory with its data; `extend` raises its remaining life. Raises MemoryNotFound, MemoryExpired.

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
        if_version: str | None = None,
    ) -> Memory:
        """Replaces the data, adds to the life, or both. Raises what recall and set do.

        >>> memory = await stash.stash({"progress": 0.5}, ttl=60)
        >>> (await stash.update(memory.memory_id, {"progress": 1}, extra_seconds=60)).ttl
        120
        """
        call = self._names.update(memory_id, data, extra_seconds, if_version)
        return await self._do(call)  # type: ignore[no-any-return]

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
        """The seconds that the memory has left, rounded up, or None where there is none. Reads no data.

        >>> _ = await stash.set("a", 1, ttl=60)
        >>> await stash.ttl("a")
        60
        """
        found = await self._run(procedures.find(self._names, key))
        return None if found is None else found.ttl

    async def exists(self, key: str) -> bool:
        """Whether there is a memory under `key`. Reads no data.

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
        """Replaces the data with what `function` makes of it, which may be a coroutine; no change is lost.

        As in Stash: `function` may be called more than once.

        >>> (await stash.transform("visits", lambda count: count + 1, default=0)).data
        1
        """
        return await self._run(procedures.transform(self._names, key, function, ttl, default, timeout))

    async def _do(self, operation: Any) -> Any:
        return self._names.own(await self._keeper.do(operation))

    async def _act(self, step: Any) -> Any:
        if isinstance(step, Wait):
            return await asyncio.sleep(step.seconds)
        if isinstance(step, Apply):
            made = step.function(step.argument)
            return await made if inspect.isawaitable(made) else made
        return await self._do(step)

    async def _run(self, procedure: Procedure[Done]) -> Done:
        return await run_async(procedure, self._act)
