"""A memory, as the store answers it: its data is text. (`stash_memory.client.memory` has the one that callers get.)"""

from collections.abc import Iterable
from typing import NamedTuple

from stash_memory.backends.base import Buffer, Record
from stash_memory.times import iso, whole_seconds_left


class StoredMemory(NamedTuple):
    """What a user keeps under `memory_id`: the JSON text `data` of `size` bytes, and how long it will live.

    `data` is an iterable that can be consumed once; it is empty in answers to stash and update.
    `created` tells, of a put, whether the id was free.
    """

    memory_id: str
    data: Iterable[Buffer]
    size: int
    version: str
    expires_at_ms: int
    remaining_ms: int
    created: bool

    @classmethod
    def of(cls, memory_id: str, record: Record) -> "StoredMemory":
        """The memory that a backend keeps as `record`."""
        return cls(memory_id, *record)

    @property
    def ttl_remaining(self) -> int:
        """Whole seconds it had left when it was answered, rounded up: never 0 while it lives."""
        return whole_seconds_left(self.remaining_ms)

    @property
    def expires_at(self) -> str:
        """When it expires: UTC, ISO 8601, rounded down to a second."""
        return iso(self.expires_at_ms)
