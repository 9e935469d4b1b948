"""Bodies over 1 MB: a hash of pieces of 256 KB, written before their record's head and read after it.

A 100 MB value in one piece stalls every other client; a piece of 256 KB for well under a millisecond.
"""

import contextlib
from collections.abc import Iterable, Iterator, Sequence

from redis.exceptions import ResponseError

from stash_memory.backends.base import Buffer, Record
from stash_memory.backends.body import CHUNK_BYTES, INLINE_BYTES, cut
from stash_memory.backends.redis.encoding import CHUNKED, NAME_BYTES, Answer
from stash_memory.backends.redis.failures import refused
from stash_memory.backends.redis.keys import Keys
from stash_memory.backends.redis.link import pieces
from stash_memory.backends.redis.wire import Wire
from stash_memory.errors import StashError, StoreUnavailable

__all__ = ["CHUNK_BYTES", "INLINE_BYTES", "discard", "record", "write"]

# A writer or a reader may take this long for one chunk.
LINGER_MS = 10 * 60 * 1000


def write(wire: Wire, keys: Keys, version: str, body: Sequence[Buffer]) -> int:
    """Writes the pieces to the hash that was begun for them; returns how many there are.

    Until a head says otherwise they are gone ten minutes after the last one. Raises StoreFull and
    StoreUnavailable, having cleared up: no record has them, so nothing was applied.
    """
    key, count = keys.chunks(version), 0
    try:
        for piece in cut(body):
            _add(wire, key, count, piece)
            count += 1
    except BaseException:
        discard(wire, keys, version)
        raise
    return count


def _add(wire: Wire, key: bytes, number: int, piece: Buffer) -> None:
    stay = (b"PEXPIRE", key, LINGER_MS)
    answers = wire.ask(key, stay, (b"HSET", key, number, memoryview(piece)), write=False)
    for answer in answers:
        if isinstance(answer, ResponseError):
            raise refused(answer, wire.name, write=False) from answer
    if not answers[0]:
        raise StoreUnavailable("The value was written too slowly and was cleared: send it again.")


def discard(wire: Wire, keys: Keys, version: str) -> None:
    """Clears pieces that no record has, as far as the server can be reached; else they expire."""
    key = keys.chunks(version)
    with contextlib.suppress(StashError):
        wire.ask(key, (b"UNLINK", key), write=False)


def record(wire: Wire, keys: Keys, answer: Answer) -> Record:
    """The record with its body: as it came with the head, or read piece by piece as it is consumed."""
    head, size, expires_at_ms, remaining_ms = answer
    version = head[:16].decode()
    body: Iterable[Buffer] = (memoryview(head)[NAME_BYTES:],)
    if head[16:17] == CHUNKED:
        size, count = map(int, head[NAME_BYTES:].split(b":"))
        body = _read(wire, keys.chunks(version), count)
    return Record(body, size, version, expires_at_ms, remaining_ms)


def _read(wire: Wire, key: bytes, count: int) -> Iterator[bytes]:
    for number in range(count):
        [piece] = wire.ask(key, (b"HGET", key, number), write=False)
        if isinstance(piece, ResponseError):
            raise refused(piece, wire.name, write=False) from piece
        if not piece:
            raise StoreUnavailable("The value was let go while it was read: recall it again.")
        yield from pieces(piece)
