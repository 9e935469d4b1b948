"""A batch for AsyncStash."""

from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self

from stash_memory.client.batch import Noted
from stash_memory.client.namespace import Namespace
from stash_memory.client.several import Results
from stash_memory.operations import Single


class AsyncBatch(Noted):
    """The same for AsyncStash: `async with`, or `await batch.run()`. Noting is not awaited.

    >>> batch = stash.batch()
    >>> batch.set("a", 1)
    >>> results = await batch.run()
    >>> results[0].memory_id
    'a'
    """

    def __init__(self, names: Namespace, run: Callable[[Sequence[Single]], Awaitable[Results]]) -> None:
        super().__init__(names)
        self._run = run

    async def run(self) -> Results:
        """Makes the calls noted since the last run; returns their results.

        >>> batch = stash.batch()
        >>> batch.set("a", 1)
        >>> results = await batch.run()
        >>> len(results)
        1
        """
        self.results = await self._run(self._taken())
        return self.results

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            await self.run()
