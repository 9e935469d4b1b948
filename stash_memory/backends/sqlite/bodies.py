"""Bodies: small ones lie in their memory's row, those over 1 MB in chunks of 256 KB beside it."""

import sqlite3
from collections.abc import Iterable, Iterator

from stash_memory.backends.body import CHUNK_BYTES, INLINE_BYTES, Stored, cut, joined, size_of
from stash_memory.backends.sqlite.connections import Connections
from stash_memory.errors import StoreUnavailable

__all__ = ["CHUNK_BYTES", "INLINE_BYTES", "Stored", "cut", "find", "hold", "joined", "read", "size_of"]

_READ = "SELECT data FROM chunks WHERE version = ? AND number = ?"
_HOLD = "DELETE FROM loose WHERE version = ? AND since_ms > 0"


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
