"""Bodies: small ones lie in their memory's row, those over 1 MB in chunks of 256 KB beside it."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from stash_memory.backends.base import Buffer
from stash_memory.backends.sqlite.connections import Connections
from stash_memory.errors import StoreUnavailable

INLINE_BYTES = 1 << 20
CHUNK_BYTES = 256 << 10

_READ = "SELECT data FROM chunks WHERE version = ? AND number = ?"
_HOLD = "DELETE FROM loose WHERE version = ? AND since_ms > 0"


class Stored(NamedTuple):
    """A body on its way into a row: `size` bytes, which are `inline` or in `chunks` of this `version`."""

    size: int
    version: str
    chunks: int
    inline: bytes | None


def size_of(body: Sequence[Buffer]) -> int:
    """Bytes in all of the buffers."""
    return sum(part.nbytes if isinstance(part, memoryview) else len(part) for part in body)


def joined(body: Sequence[Buffer]) -> bytes:
    """The buffers in one piece, without a copy where they are one."""
    if len(body) == 1 and type(body[0]) is bytes:
        return body[0]
    return b"".join([part if isinstance(part, bytes) else bytes(part) for part in body])


def cut(body: Sequence[Buffer]) -> Iterator[Buffer]:
    """The buffers' bytes again, in chunks of 256 KB; the last may be shorter."""
    chunk = bytearray()
    for part in body:
        view = memoryview(part)
        view = view.cast("B") if view.c_contiguous else memoryview(view.tobytes())
        while len(view):
            if not chunk and len(view) >= CHUNK_BYTES:
                yield view[:CHUNK_BYTES]
                view = view[CHUNK_BYTES:]
                continue
            room = CHUNK_BYTES - len(chunk)
            chunk += view[:room]
            view = view[room:]
            if len(chunk) == CHUNK_BYTES:
                yield chunk
                chunk = bytearray()
    if chunk:
        yield chunk


def read(connections: Connections, version: str, chunks: int) -> Iterator[bytes]:
    """The chunks, each read when it is asked for, by whichever thread asks.

    Raises StoreUnavailable when one is gone: the value was replaced, forgotten or expired over ten minutes ago.
    """
    for number in range(chunks):
        found = connections.rows(_READ, version, number)
        if not found:
            raise StoreUnavailable("The value was let go while it was read: recall it again.")
        yield found[0][0]


def find(
    connections: Connections, db: sqlite3.Connection, row: int, version: str, chunks: int
) -> Iterable[bytes]:
    """The body of the record in this row: at once where it lies there, else chunk by chunk."""
    if chunks:
        return read(connections, version, chunks)
    body: bytes = db.execute("SELECT body FROM memories WHERE row = ?", (row,)).fetchone()[0]
    return (body,)


def hold(db: sqlite3.Connection, version: str) -> None:
    """In the transaction that writes their record: the chunks are loose no longer.

    Raises StoreUnavailable when they were taken for those of a writer that died, and cleared.
    """
    if db.execute(_HOLD, (version,)).rowcount != 1:
        raise StoreUnavailable("The value took over ten minutes to write and was cleared: send it again.")
