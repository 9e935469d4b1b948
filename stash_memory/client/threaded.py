"""An embedded Stash for async code: each call is made in a thread, so that no loop waits for a disk or for Redis."""

import asyncio
from typing import Any

from stash_memory.client.keeper import Keeper
from stash_memory.operations import AnyOperation, Batch


class Threaded:
    """Makes calls on `keeper` in the loop's default executor, which costs 0.1 ms.

    A cancelled call is not awaited any more, and done nevertheless.
    """

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    async def read(self, memory_id: str) -> Any:
        """The data alone."""
        return await asyncio.to_thread(self._keeper.read, memory_id)

    async def do(self, operation: AnyOperation | Batch) -> Any:
        """See Keeper.do."""
        return await asyncio.to_thread(self._keeper.do, operation)

    async def close(self) -> None:
        """Lets go of files and connections."""
        await asyncio.to_thread(self._keeper.close)
