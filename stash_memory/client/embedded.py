"""Keepers in this process: the store over a backend of its own, as the local user; and the same in threads."""

from typing import Any

from stash_memory import records
from stash_memory.client.data import decode
from stash_memory.client.memory import UNSET, Entry, Memory, Page
from stash_memory.errors import StashError
from stash_memory.limits import Limits
from stash_memory.local import USER_ID
from stash_memory.operations import AnyOperation, Batch
from stash_memory.records import StoredMemory
from stash_memory.store import Store
from stash_memory.times import instant, whole_seconds_left


class Embedded:
    """A Keeper that does operations on `store` within `limits`, with no network and no rate limit.

    Its errors hide the driver's, since their sentences say what to do.
    """

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits

    def read(self, memory_id: str) -> Any:
        """See Keeper.read. 300 B on SQLite take 8 us, of which SQLite itself takes 4.5."""
        try:
            return decode(b"".join(self._store.read(USER_ID, memory_id)))
        except StashError as error:
            raise error from None

    def do(self, operation: AnyOperation | Batch) -> Any:
        """See Keeper.do."""
        try:
            if isinstance(operation, Batch):
                results = self._store.many(USER_ID, operation.operations, self._limits)
                return [_convert(result) for result in results]
            return _convert(self._store.do(USER_ID, operation, self._limits))
        except StashError as error:
            raise error from None

    def close(self) -> None:
        """Closes the backend."""
        self._store.close()


class Threaded:
    """An AsyncKeeper that runs each call in the loop's default executor, so that no loop waits for a disk or a Redis.

    The thread costs 0.1 ms. Cancelling a call ends the waiting, not the call.
    """

    def __init__(self, keeper: Embedded) -> None:
        from asyncio import (
            to_thread,  # asyncio takes longer to import than a sync Stash with all that it needs
        )

        self._in_thread = to_thread
        self._keeper = keeper

    async def read(self, memory_id: str) -> Any:
        """See Keeper.read."""
        return await self._in_thread(self._keeper.read, memory_id)

    async def do(self, operation: AnyOperation | Batch) -> Any:
        """See Keeper.do."""
        return await self._in_thread(self._keeper.do, operation)

    async def close(self) -> None:
        """Closes the backend."""
        await self._in_thread(self._keeper.close)


def _convert(found: Any) -> Any:
    """Converts the store's answer to the library's, and reads a recall's data."""
    if isinstance(found, StoredMemory):
        text = b"".join(found.data)
        # No JSON text is empty: an empty text means that the answer carries no data.
        data = decode(text) if text else UNSET
        return Memory(found.memory_id, found.ttl_remaining, found.expires_at_ms, found.version, data)
    if isinstance(found, records.Page):
        entries = [
            Entry(line.id, line.size, whole_seconds_left(line.remaining_ms), instant(line.expires_at_ms))
            for line in found.entries
        ]
        return Page(entries, found.cursor)
    return found
