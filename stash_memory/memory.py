"""A memory as the store answers it: its data is text. Callers get `stash_memory.client.memory.Memory`."""

from collections.abc import Iterable
from typing import NamedTuple

from stash_memory.records import Buffer
from stash_memory.times import iso, whole_seconds_left


class StoredMemory(NamedTuple):
    """A user's memory `memory_id`: the JSON text `data` of `size` bytes, and how long it will live.

    `data` is an iterable to consume once, empty except in the answer to a recall. The rest is as in Record.
    """

    memory_id: str
    data: Iterable[Buffer]
    size: int
    version: str
    expires_at_ms: int
    remaining_ms: int
    created: bool

    @property
    def ttl_remaining(self) -> int:
        """Whole seconds left at the answer, rounded up: never 0 while it lives."""
        return whole_seconds_left(self.remaining_ms)

    @property
    def expires_at(self) -> str:
        """Its expiry: UTC, ISO 8601, rounded down to a second."""
        return iso(self.expires_at_ms)
