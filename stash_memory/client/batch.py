"""Batches for Stash and AsyncStash: calls that are collected, and go out together."""

from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Self

from stash_memory.client.memory import UNSET
from stash_memory.client.namespace import Duration, Namespace
from stash_memory.client.procedures import Results
from stash_memory.operations import Single


class Calls:
    """Collected calls, which run in this order. `results` holds their results after they ran."""

    def __init__(self, names: Namespace) -> None:
        self._names = names
        self._operations: list[Single] = []
        self.results: Results = []

    def stash(self, data: Any, ttl: Duration | None = None) -> None:
        """Adds a stash.

        >>> with stash.batch() as batch:
        ...     batch.stash({"task": "summarize"})
        >>> len(batch.results[0].memory_id)
        8
        """
        self._operations.append(self._names.create(data, ttl))

    def set(
        self,
        key: str,
        data: Any,
        ttl: Duration | None = None,
        *,
        if_absent: bool = False,
        if_version: str | None = None,
    ) -> None:
        """Adds a set.

        >>> with stash.batch() as batch:
        ...     batch.set("a", 1, ttl=60)
        >>> batch.results[0].ttl
        60
        """
        self._operations.append(self._names.put(key, data, ttl, if_version, if_absent))

    def recall(self, memory_id: str, *, extend: Duration | None = None) -> None:
        """Adds a recall.

        >>> with stash.batch() as batch:
        ...     batch.recall("nothing")
        >>> batch.results
        [MemoryNotFound('There is no memory with this id: it was forgotten or never existed.')]
        """
        self._operations.append(self._names.recall(memory_id, extend))

    def update(
        self,
        memory_id: str,
        data: Any = UNSET,
        *,
        extra_seconds: Duration | None = None,
        at_least: Duration | None = None,
        if_version: str | None = None,
    ) -> None:
        """Adds an update.

        >>> with stash.batch() as batch:
        ...     batch.set("a", 1)
        ...     batch.update("a", 2)
        >>> stash.get("a")
        2
        """
        self._operations.append(self._names.update(memory_id, data, extra_seconds, if_version, at_least))

    def extend(self, memory_id: str, seconds: Duration) -> None:
        """Adds an extension of the life.

        >>> with stash.batch() as batch:
        ...     batch.set("a", 1, ttl=60)
        ...     batch.extend("a", 30)
        >>> stash.ttl("a")
        90
        """
        self._operations.append(self._names.update(memory_id, extra=seconds))

    def forget(self, memory_id: str, *, if_version: str | None = None) -> None:
        """Adds a forget; its result is None.

        >>> with stash.batch() as batch:
        ...     batch.set("a", 1)
        ...     batch.forget("a")
        >>> batch.results[1] is None
        True
        """
        self._operations.append(self._names.forget(memory_id, if_version))

    def __len__(self) -> int:
        return len(self._operations)

    def _take(self) -> Sequence[Single]:
        operations, self._operations = self._operations, []
        return operations


class Batch(Calls):
    """Calls that go out together at the end of a `with` block that raised no error, or in `run`.

    Each has its result, in order: a Memory, None for a forget, or the error that the single call would raise. A
    failing call leaves the others alone. Over HTTP, a hundred calls are one request.

    >>> with stash.batch() as batch:
    ...     batch.set("a", 1)
    ...     batch.forget("b")
    ...     batch.recall("a")
    >>> [type(result).__name__ for result in batch.results]
    ['Memory', 'MemoryNotFound', 'Memory']
    """

    def __init__(self, names: Namespace, run: Callable[[Sequence[Single]], Results]) -> None:
        super().__init__(names)
        self._run = run

    def run(self) -> Results:
        """Makes the calls collected since the last run; returns their results.

        Raises StoreUnavailable if the store does not answer. Of more than a hundred calls, the first may be done then.

        >>> batch = stash.batch()
        >>> batch.set("a", 1)
        >>> [result.memory_id for result in batch.run()]
        ['a']
        """
        self.results = self._run(self._take())
        return self.results

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.run()


class AsyncBatch(Calls):
    """Batch for AsyncStash: `async with`, or `await batch.run()`. Adding a call needs no await.

    >>> batch = async_stash.batch()
    >>> batch.set("a", 1)
    >>> results = await batch.run()
    >>> results[0].memory_id
    'a'
    """

    def __init__(self, names: Namespace, run: Callable[[Sequence[Single]], Awaitable[Results]]) -> None:
        super().__init__(names)
        self._run = run

    async def run(self) -> Results:
        """Makes the calls collected since the last run; returns their results.

        >>> batch = async_stash.batch()
        >>> batch.set("a", 1)
        >>> results = await batch.run()
        >>> len(results)
        1
        """
        self.results = await self._run(self._take())
        return self.results

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            await self.run()
