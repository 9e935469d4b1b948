"""Bodies: small ones lie in their memory's row, those over 1 MB in chunks of 256 KB in a table of their own."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from memories.backend.database import Database
from stash_memory.backends.base import Buffer
from stash_memory.errors import StoreUnavailable

INLINE_BYTES = 1 << 20
CHUNK_BYTES = 256 << 10
# Chunks that one query reads while a recall is answered: 1 MB.
READ_CHUNKS = 4

_READ = (
    "SELECT data FROM memories_chunk WHERE version = %(version)s AND number >= %(first)s AND number < %(end)s"
    " ORDER BY number"
)


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


def found(database: Database, version: str, chunks: int, inline: bytes | None) -> Iterable[bytes]:
    """The body of a record that was read: at once where it lay in the row, else chunk by chunk."""
    if chunks:
        return read(database, version, chunks)
    return (inline or b"",)


def read(database: Database, version: str, chunks: int) -> Iterator[bytes]:
    """The chunks, a few at a time when they are asked for; in between, no connection is held.

    Raises StoreUnavailable when some are gone: the value was replaced, forgotten or expired over ten minutes ago.
    """
    for first in range(0, chunks, READ_CHUNKS):
        end = min(first + READ_CHUNKS, chunks)
        rows = database.ask(_READ, {"version": version, "first": first, "end": end})
        if len(rows) != end - first:
            raise StoreUnavailable("The value was let go while it was read: recall it again.")
        for (data,) in rows:
            yield data
