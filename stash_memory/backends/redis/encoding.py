"""Operations as the scripts' arguments, and the scripts' answers as results."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from stash_memory import law
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
from stash_memory.operations import Forget, Operation, Put, Recall, Result
from stash_memory.records import Buffer, Caps, Record

# A record's head begins with its name: 16 bytes of version, and a flag. The body follows, or where its chunks are.
NAME_BYTES = 17
INLINE, CHUNKED, BEGUN = b"i", b"c", b"b"

# The scripts' codes: each operation's answer begins with one. AGAIN asks for another call, as more had expired than
# one call clears; LOST means that chunks are missing.
OK, NOT_FOUND, EXPIRED, PRECONDITION, TAKEN, QUOTA, CLOSED, AGAIN, LOST = range(9)

# Below this size, joining and packing cost less than a piece of its own; 16 KB copied three times take 4 us.
FROM_ITS_PLACE_BYTES = 16 * 1024


class Value(NamedTuple):
    """The record that a put or an update writes: its `head`, the version in it, and its body's size in bytes.

    `rest`: the part of the head that is sent from the caller's buffer, without a copy.
    """

    head: bytes
    version: str
    size: int
    rest: memoryview = memoryview(b"")

    @property
    def flag(self) -> bytes:
        """INLINE, CHUNKED or BEGUN."""
        return self.head[16:17]

    @property
    def bytes(self) -> int:
        """Bytes to send."""
        return len(self.head) + len(self.rest)


class Elsewhere(NamedTuple):
    """A live record whose body the script's answer lacks: in the head behind its name, or in chunks.

    `head`: its name, followed by the size and number of its chunks if it has any.
    """

    head: bytes
    size: int
    expires_at_ms: int
    remaining_ms: int


def build_inline(version: str, body: Sequence[Buffer], size: int) -> Value:
    """A record with its body in its head."""
    head = version.encode() + INLINE
    if size >= FROM_ITS_PLACE_BYTES and len(body) == 1:
        return Value(head, version, size, flat(body[0]))
    parts = [bytes(part) if isinstance(part, memoryview) else part for part in body]
    return Value(b"".join([head, *parts]), version, size)


def build_begun(version: str, size: int) -> Value:
    """A record whose chunks come next; its head follows them."""
    return Value(version.encode() + BEGUN, version, size)


def build_chunked(version: str, size: int, chunks: int) -> Value:
    """A record whose chunks are written."""
    return Value(version.encode() + CHUNKED + b"%d:%d" % (size, chunks), version, size)


def matters(operation: Operation, value: Value | None) -> bool:
    """Whether a caller has to know if the operation was applied."""
    return operation.writes and (value is None or value.flag != BEGUN)


def life_ms(operation: Operation) -> int:
    """The longest life that the operation may give, 0 if it gives none."""
    if isinstance(operation, Put):
        return operation.life_ms
    if isinstance(operation, Forget) or not operation.writes:
        return 0
    return operation.bounds.max_ttl_ms


def encode(operation: Operation, value: Value | None = None, most: int | None = None) -> list[Argument]:
    """The operation as the script reads it, with the `value` that it writes.

    `most`: the largest body returned inline by a recall that does not extend.
    """
    if isinstance(operation, Recall):
        _, unless_version, at_least_ms, bounds = operation
        unless = b"" if unless_version is None else octets(unless_version)
        if at_least_ms is None:
            return [b"recall", unless, b"" if most is None else most]
        return [b"extend", unless, at_least_ms, bounds.max_ttl_ms]
    if isinstance(operation, Put):
        assert value is not None
        _, _, _, if_version, if_absent, (_, _, caps, before_ms) = operation
        condition = _condition(if_version, if_absent)
        rest = value.size, operation.life_ms, condition, _number(before_ms)
        return [b"put", _sent(value), *rest, *_caps(caps)]
    if isinstance(operation, Forget):
        return [b"forget", _condition(operation.if_version)]
    _, _, extra_ms, at_least_ms, if_version, (_, max_ttl_ms, caps, _) = operation
    new: tuple[Argument, int] = (b"", 0) if value is None else (_sent(value), value.size)
    moves = _number(extra_ms), _number(at_least_ms), max_ttl_ms
    return [b"update", *new, *moves, _condition(if_version), *_caps(caps)]


def _sent(value: Value) -> Argument:
    """Packed with the other arguments, or from the caller's buffer if copies would cost more."""
    return (memoryview(value.head), value.rest) if value.rest else value.head


def _condition(if_version: str | None, if_absent: bool = False) -> bytes:
    """`!` (no live record), `=VERSION`, `!=` (both, which no record meets), or empty."""
    if if_version is None:
        return b"!" if if_absent else b""
    return b"!=" if if_absent else b"=" + octets(if_version)


def _caps(caps: Caps | None) -> tuple[Argument, Argument]:
    return (b"", b"") if caps is None else (_number(caps.memories), _number(caps.bytes))


def _number(number: int | None) -> Argument:
    return b"" if number is None else number


def decode(value: Value | None, found: list[Any], now_ms: int) -> Result | Elsewhere:
    """The result of an operation that wrote `value`, from the script's answer `found` at `now_ms`."""
    if found[0] != OK:
        return _error(found)
    if len(found) == 1:
        return None
    expires_at_ms = found[1]
    left_ms = expires_at_ms - now_ms
    if value is not None:
        return Record((), value.size, value.version, expires_at_ms, left_ms, found[2] == 1)
    head = found[2]
    if len(found) == 5:
        return Elsewhere(head, found[3], expires_at_ms, left_ms)
    version = head[:16].decode()
    if len(found) == 4:
        return Record((), found[3], version, expires_at_ms, left_ms)
    if head[16:17] == CHUNKED:
        return Elsewhere(head, int(head[NAME_BYTES:].partition(b":")[0]), expires_at_ms, left_ms)
    return Record((memoryview(head)[NAME_BYTES:],), len(head) - NAME_BYTES, version, expires_at_ms, left_ms)


def _error(found: list[Any]) -> StashError:
    match found[0]:
        case 1:
            return MemoryNotFound()
        case 2:
            return MemoryExpired(found[1])
        case 3:
            return PreconditionFailed()
        case 4:
            return law.taken()
        case 5:
            return QuotaExceeded()
        case 6:
            return law.Closed()
    return StoreUnavailable("The value took over ten minutes to write and was cleared: send it again.")
