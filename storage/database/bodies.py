"""Bodies: small ones lie in their memory's row, those over 1 MB in chunks of 256 KB in a table of their own."""

from collections.abc import Iterable, Iterator

from stash_memory.backends.body import CHUNK_BYTES, INLINE_BYTES, Stored, cut, joined, size_of
from stash_memory.errors import StoreUnavailable
from storage.database.database import Database

__all__ = ["CHUNK_BYTES", "INLINE_BYTES", "Stored", "cut", "found", "joined", "read", "size_of"]

# Chunks that one query reads while a recall is answered: 1 MB.
READ_CHUNKS = 4

_READ = (
    "SELECT data FROM memories_chunk WHERE version = %(version)s AND number >= %(first)s AND number < %(end)s"
    " ORDER BY number"
)


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
