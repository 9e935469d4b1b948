"""What backends keep and answer: records, listings, totals."""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

Buffer: TypeAlias = bytes | bytearray | memoryview


class Record(NamedTuple):
    """What a backend keeps of a memory.

    `body`: the value's buffers, in order; an iterable that may read on while it is consumed, once.
    `size`: bytes in the value that is kept, also where an answer's body is empty. `version`: names the data.
    `expires_at_ms`: milliseconds since the epoch, on the backend's clock. `remaining_ms`: milliseconds it had
    left when it was answered, at least 1. `created`: of a put, whether no live record had the id before.
    """

    body: Iterable[Buffer]
    size: int
    version: str
    expires_at_ms: int
    remaining_ms: int
    created: bool = False


class Caps(NamedTuple):
    """The most live memories and live bytes that a user may keep; None where there is no cap."""

    memories: int | None = None
    bytes: int | None = None


class Entry(NamedTuple):
    """One line of a listing: a record without its body."""

    id: str
    size: int
    version: str
    expires_at_ms: int
    remaining_ms: int


class Page(NamedTuple):
    """Some entries, in order of their ids' UTF-8 bytes, and the `cursor` of the next page, or None."""

    entries: list[Entry]
    cursor: str | None


class Totals(NamedTuple):
    """Live memories and the bytes of their bodies."""

    memories: int
    bytes: int


class Purged(NamedTuple):
    """What one purge removed: expired records, the bytes of their bodies; `more` if some are left."""

    memories: int
    bytes: int
    more: bool
