"""The chunks of large bodies: written one by one before their memory's row, read on demand, cleared long after it.

A 100 MB value in one piece stalls every other client; a chunk of 256 KB for well under a millisecond.
"""

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, NamedTuple

from stash_memory.backends.body import INLINE_BYTES, cut
from stash_memory.backends.sql import statements
from stash_memory.errors import StashError, StoreUnavailable
from stash_memory.ids import new_version
from stash_memory.records import Body, Buffer, joined

if TYPE_CHECKING:
    from stash_memory.backends.sql.database import Database, Turn

# A recall under way has this long to finish, and a writer this long for one chunk.
LINGER_MS = 10 * 60 * 1000
# Chunks that one transaction erases.
BATCH = 8
CONDEMNED = -1
# Chunks that one query reads while a recall is answered: 1 MB.
READ_AT_ONCE = 4


class Stored(NamedTuple):
    """A body on its way into a row: `size` bytes, which are `inline` or in `chunks` of this `version`."""

    size: int
    version: str
    chunks: int
    inline: bytes | None


def read_chunks(database: "Database", version: str, chunks: int) -> Iterator[bytes]:
    """The chunks, a few at a time as they are asked for; in between, no connection is held.

    Raises StoreUnavailable if some are gone: the value was replaced, forgotten or expired over ten minutes ago.
    """
    for first in range(0, chunks, READ_AT_ONCE):
        end = min(first + READ_AT_ONCE, chunks)
        rows = database.ask(statements.READ_CHUNKS, {"version": version, "first": first, "end": end})
        if len(rows) != end - first:
            raise StoreUnavailable("The value was let go while it was read: recall it again.")
        for (data,) in rows:
            yield data


def store(database: "Database", body: Body, size: int) -> Stored:
    """The body under a fresh version: as it is up to 1 MB, and above that written to chunks by now."""
    if size <= INLINE_BYTES:
        return Stored(size, new_version(), 0, joined(body))
    return write(database, body, size)


def write(database: "Database", body: Body, size: int) -> Stored:
    """Writes the body in transactions of a chunk each, between which others write.

    No record holds it yet: `hold` does that, and until then it is cleared if this process dies. Raises StoreFull and
    StoreUnavailable, having cleared up after itself.
    """
    version, number = new_version(), 0
    try:
        for chunk in cut(body):
            _add(database, version, number, chunk)
            number += 1
    except StoreUnavailable as error:
        discard(database, version)
        # Whatever came of the last chunk: no record holds it.
        error.applied = False
        raise
    except BaseException:
        discard(database, version)
        raise
    return Stored(size, version, number, None)


def _add(database: "Database", version: str, number: int, chunk: Buffer) -> None:
    values = {"version": version, "number": number, "data": chunk}

    def add(turn: "Turn") -> None:
        if number == 0:
            turn.count(statements.BEGIN_BODY, values)
        elif turn.count(statements.TOUCH_BODY, values) != 1:
            raise StoreUnavailable("The value was written too slowly and was cleared: send it again.")
        turn.count(statements.ADD_CHUNK, values)

    database.transact(add)


def hold(database: "Database", turn: "Turn", body: Stored) -> None:
    """Notes, in the transaction of its record, that the chunks are loose no longer.

    Raises StoreUnavailable if they were taken for those of a writer that died, and cleared.
    """
    if body.chunks and not database.hold_chunks(turn, body.version):
        raise StoreUnavailable("The value took over ten minutes to write and was cleared: send it again.")


def discarded_if_loose(database: "Database", body: Stored | None) -> AbstractContextManager[None]:
    """Clears the body's chunks if the work within fails to take hold of them."""
    return contextlib.nullcontext() if body is None or not body.chunks else _discarded(database, body.version)


@contextlib.contextmanager
def _discarded(database: "Database", version: str) -> Iterator[None]:
    try:
        yield
    except BaseException:
        discard(database, version)
        raise


def discard(database: "Database", version: str) -> None:
    """Clears the chunks of a body that no record holds, as far as the database lets it; a clearing does the rest."""
    with contextlib.suppress(StashError):
        loose = database.act(lambda turn: turn.count(statements.CONDEMN_LOOSE, {"version": version}))
        while loose and erase(database, version):
            database.let_others()


def sweep(database: "Database") -> int | None:
    """One step of clearing: condemns a body that is due, or erases up to 8 of its chunks.

    Returns how many chunks it erased, or None if there is nothing to do. A step is a transaction of its own.
    """
    found = database.ask(statements.DUE_BODY, {"linger_ms": LINGER_MS})
    if not found:
        return None
    version, since_ms = found[0]
    if since_ms != CONDEMNED:
        values = {"version": version, "since_ms": since_ms}
        # 0: it was let go at a time that nobody noted; its ten minutes begin now.
        statement = statements.CONDEMN_DUE if since_ms else statements.NOTE_RELEASE
        database.act(lambda turn: turn.count(statement, values))
        return 0
    return erase(database, version)


def erase(database: "Database", version: str) -> int | None:
    """Erases up to 8 chunks of a condemned body; None while another process is at it."""

    def some(turn: "Turn") -> int | None:
        if turn.row(statements.CONDEMNED_BODY, {"version": version}) is None:
            return None
        count = turn.count(statements.ERASE_CHUNKS, {"version": version, "rows": BATCH})
        if count < BATCH:
            turn.count(statements.END_BODY, {"version": version})
        return count

    return database.transact(some)
