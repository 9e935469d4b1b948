"""The values that backends and the store take and answer, besides operations: records, bounds, listings, totals."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from stash_memory.times import iso, whole_seconds_left

Buffer: TypeAlias = bytes | bytearray | memoryview
Body: TypeAlias = Sequence[Buffer]


def size_of(body: Body) -> int:
    """Bytes in all of the buffers."""
    return sum(part.nbytes if isinstance(part, memoryview) else len(part) for part in body)


def joined(body: Body) -> bytes:
    """The buffers in one piece, without a copy if they are one."""
    if len(body) == 1 and type(body[0]) is bytes:
        return body[0]
    return b"".join([part if isinstance(part, bytes) else bytes(part) for part in body])


class Record(NamedTuple):
    """A memory in a backend, as one answer found it.

    `body`: the value's buffers in order; an iterable to consume once, which may read on meanwhile. `size`: bytes of
    the kept value, even if the answer's body is empty. `version`: names the data. `expires_at_ms`: milliseconds since
    the epoch on the backend's clock. `remaining_ms`: milliseconds left at the answer, at least 1. `created`: whether
    a put found no live record.
    """

    body: Iterable[Buffer]
    size: int
    version: str
    expires_at_ms: int
    remaining_ms: int
    created: bool = False


class StoredMemory(NamedTuple):
    """A record with its `memory_id`, as the store answers it. Library callers get `client.memory.Memory` instead.

    `data` is the JSON text, an iterable to consume once; only a recall's answer has any. The rest is as in Record.
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
        """Whole seconds left at the answer, rounded up: never 0 while the memory lives."""
        return whole_seconds_left(self.remaining_ms)

    @property
    def expires_at(self) -> str:
        """The expiry: UTC, ISO 8601, rounded down to a second."""
        return iso(self.expires_at_ms)


class Caps(NamedTuple):
    """The most live memories and live bytes that a user may keep; None is no cap."""

    memories: int | None = None
    bytes: int | None = None

    def admit(self, memories: int, size: int) -> bool:
        """Whether a user may keep so many memories and bytes."""
        return (self.memories is None or memories <= self.memories) and (
            self.bytes is None or size <= self.bytes
        )


class Bounds(NamedTuple):
    """The bounds of an operation, whatever it asks for: the user's limits, and the place that performs it.

    Lives are in milliseconds. `create_before_ms`: from this instant of the backend's clock on, nothing is created.
    """

    default_ttl_ms: int = 0
    max_ttl_ms: int = 0
    caps: Caps | None = None
    create_before_ms: int | None = None


UNBOUNDED = Bounds()


class Entry(NamedTuple):
    """One line of a listing: a record without its body."""

    id: str
    size: int
    version: str
    expires_at_ms: int
    remaining_ms: int


class Page(NamedTuple):
    """Some entries in the order of their ids' UTF-8 bytes, and the `cursor` of the next page, or None."""

    entries: list[Entry]
    cursor: str | None


class Totals(NamedTuple):
    """Live memories and the bytes of their bodies."""

    memories: int
    bytes: int


class Purged(NamedTuple):
    """The result of one purge: the expired records that it removed, and their bytes; `more`: whether some are left."""

    memories: int
    bytes: int
    more: bool
