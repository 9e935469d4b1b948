"""The operations of the contract as the script takes them, and what it says of each as the contract has it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from stash_memory.backends.base import (
    Buffer,
    Caps,
    Closed,
    Delete,
    Get,
    OldOperation,
    Put,
    Record,
    Result,
    Update,
)
from stash_memory.backends.body import flat
from stash_memory.backends.redis.keys import octets
from stash_memory.backends.redis.wire import Argument
from stash_memory.errors import (
    MemoryExpired,
    MemoryNotFound,
    PreconditionFailed,
    QuotaExceeded,
    StashError,
    StoreUnavailable,
)

# A head is the version's 16 bytes, one for what follows, and that: the body, or where its chunks are.
NAME_BYTES = 17
INLINE, CHUNKED, BEGUN = b"i", b"c", b"b"

OK, NOT_FOUND, EXPIRED, PRECONDITION, QUOTA, AGAIN, LOST, CLOSED = range(8)


# Joining and packing copy three times: 4 us for 16 KB.
FROM_ITS_PLACE_BYTES = 16 * 1024


class Value(NamedTuple):
    """What a put or an update writes: the head, the version in it, and the size of the body.

    What is left of a large record is in `rest`, to be sent from where it lies.
    """

    head: bytes
    version: str
    size: int
    rest: memoryview = memoryview(b"")

    @property
    def flag(self) -> bytes:
        """What follows the name."""
        return self.head[16:17]


class Task(NamedTuple):
    """An operation, the value that it writes if it writes one, and the most bytes that a Get answers with itself."""

    operation: OldOperation
    value: Value | None = None
    most: int | None = None

    @property
    def bytes(self) -> int:
        """How much there is to send."""
        return 0 if self.value is None else len(self.value.head) + len(self.value.rest)

    @property
    def matters(self) -> bool:
        """Whether someone has to know if it was applied."""
        return not isinstance(self.operation, Get) and (self.value is None or self.value.flag != BEGUN)

    @property
    def ttl_ms(self) -> int:
        """The longest that what it writes may live."""
        match self.operation:
            case Put(ttl_ms=ttl_ms) | Update(max_ttl_ms=ttl_ms):
                return ttl_ms
        return 0


class Answer(NamedTuple):
    """What an operation found: a record but for its body, of which `head` has the beginning."""

    head: bytes | bytearray
    size: int
    expires_at_ms: int
    remaining_ms: int


class Beside(Answer):
    """An answer of which `head` has the name alone: the body is too large for Lua, and is to be read beside it."""


def inline(version: str, body: Sequence[Buffer], size: int) -> Value:
    """A body that is kept behind the head, in one value."""
    head = version.encode() + INLINE
    if size >= FROM_ITS_PLACE_BYTES and len(body) == 1:
        return Value(head, version, size, flat(body[0]))
    parts = [bytes(part) if isinstance(part, memoryview) else part for part in body]
    return Value(b"".join([head, *parts]), version, size)


def begun(version: str, size: int) -> Value:
    """A body whose chunks are about to be written."""
    return Value(version.encode() + BEGUN, version, size)


def chunked(version: str, size: int, chunks: int) -> Value:
    """A body whose chunks have been written."""
    return Value(version.encode() + CHUNKED + b"%d:%d" % (size, chunks), version, size)


def arguments(task: Task) -> list[Argument]:
    """The operation as the script reads it."""
    operation, value, _ = task
    match operation:
        case Get(_, unless_version):
            return [b"get", octets(unless_version or ""), _number(task.most)]
        case Put(_, _, ttl_ms, if_version, if_absent, caps, before_ms):
            assert value is not None
            condition = _condition(if_version, if_absent)
            return [
                b"put",
                _sent(value),
                value.size,
                ttl_ms,
                condition,
                _number(before_ms),
                *_caps(caps),
            ]
        case Update(_, _, extra_ms, at_least_ms, max_ttl_ms, if_version, caps):
            head: Argument
            head, size = (b"", 0) if value is None else (_sent(value), value.size)
            condition = _condition(if_version)
            moves = _number(extra_ms), _number(at_least_ms), max_ttl_ms
            return [b"update", head, size, *moves, condition, *_caps(caps)]
        case Delete(_, if_version):
            return [b"delete", _condition(if_version)]


def _sent(value: Value) -> Argument:
    """As it is packed with all else, or from where it lies where copies would cost more than pieces of its own."""
    return (memoryview(value.head), value.rest) if value.rest else value.head


def _condition(if_version: str | None, if_absent: bool = False) -> bytes:
    if if_version is None:
        return b"!" if if_absent else b""
    # Nothing is both absent and of some version.
    return b"=!" if if_absent else b"=" + octets(if_version)


def _caps(caps: Caps | None) -> tuple[Argument, Argument]:
    return (b"", b"") if caps is None else (_number(caps.memories), _number(caps.bytes))


def _number(number: int | None) -> Argument:
    return b"" if number is None else number


def error(found: list[Any]) -> StashError | None:
    """The error that the script's result stands for."""
    match found[0]:
        case 0:
            return None
        case 1:
            return MemoryNotFound()
        case 2:
            return MemoryExpired(found[1])
        case 3:
            return PreconditionFailed()
        case 4:
            return QuotaExceeded()
        case 7:
            return Closed()
    return StoreUnavailable("The value took over ten minutes to write and was cleared: send it again.")


def result(task: Task, found: list[Any], now_ms: int) -> Result | Answer:
    """What the operation comes to; an Answer where there is a body to give."""
    operation, value, _ = task
    failed = error(found)
    if failed is not None:
        return failed
    if isinstance(operation, Delete):
        return None
    expires_at_ms = found[1]
    if value is not None:
        left_ms = expires_at_ms - now_ms
        return Record((), value.size, value.version, expires_at_ms, left_ms, found[2] == 1)
    head = found[2]
    if len(found) == 5:
        return Beside(head, found[3], expires_at_ms, expires_at_ms - now_ms)
    if len(found) == 4:
        return Record((), found[3], head[:16].decode(), expires_at_ms, expires_at_ms - now_ms)
    return Answer(head, len(head) - NAME_BYTES, expires_at_ms, expires_at_ms - now_ms)
