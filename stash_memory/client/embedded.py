"""A Stash inside this process: the store's rules over a backend of its own, as the local user."""

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
    """Does operations on `store` within `limits`, with no network and no rate limit.

    It raises one error, without the driver's behind it: its sentence says what to do.
    """

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits

    def read(self, memory_id: str) -> Any:
        """The data alone. Of 300 B on SQLite it takes 8 us, of which SQLite's own part is 4.5."""
        try:
            return decode(b"".join(self._store.read(USER_ID, memory_id)))
        except StashError as error:
            raise error from None

    def do(self, operation: AnyOperation | Batch) -> Any:
        """See Keeper.do."""
        try:
            if isinstance(operation, Batch):
                return [_answer(one) for one in self._store.many(USER_ID, operation.operations, self._limits)]
            return _answer(self._store.do(USER_ID, operation, self._limits))
        except StashError as error:
            raise error from None

    def close(self) -> None:
        """Closes the backend."""
        self._store.close()


def _answer(found: Any) -> Any:
    """The store's answer as the library's; a recall's data is read here and now."""
    if isinstance(found, StoredMemory):
        text = b"".join(found.data)
        # No JSON text is empty: an answer without one carries no data.
        data = decode(text) if text else UNSET
        return Memory(found.memory_id, found.ttl_remaining, found.expires_at_ms, found.version, data)
    if isinstance(found, records.Page):
        entries = [
            Entry(line.id, line.size, whole_seconds_left(line.remaining_ms), instant(line.expires_at_ms))
            for line in found.entries
        ]
        return Page(entries, found.cursor)
    return found
