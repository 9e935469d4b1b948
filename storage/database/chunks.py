"""The chunks of large bodies: written one by one before their memory's row, cleared long after it."""

import contextlib
from collections.abc import Iterator, Sequence

from stash_memory.backends.base import Buffer
from stash_memory.errors import StashError, StoreUnavailable
from stash_memory.versions import new_version
from storage.database.bodies import INLINE_BYTES, Stored, cut, joined
from storage.database.database import Database
from storage.database.turn import Turn, Values, listed

# A recall under way has this long to finish, and a writer this long for one chunk.
LINGER_MS = 10 * 60 * 1000
BATCH = 8
CONDEMNED = -1

_BEGIN = "INSERT INTO memories_large_body (version, loose_since_ms) VALUES (%(version)s, {now_ms})"
_TOUCH = "UPDATE memories_large_body SET loose_since_ms = {now_ms} WHERE version = %(version)s AND loose_since_ms > 0"
_ADD = "INSERT INTO memories_chunk (version, number, data) VALUES (%(version)s, %(number)s, %(data)s)"
_HOLD = (
    "UPDATE memories_large_body SET loose_since_ms = NULL WHERE version = %(version)s AND loose_since_ms > 0"
)
_RELEASE = "UPDATE memories_large_body SET loose_since_ms = {{now_ms}} WHERE version IN {versions}"
_DUE = (
    "SELECT version, loose_since_ms FROM memories_large_body WHERE loose_since_ms IS NOT NULL"
    " AND loose_since_ms <= (SELECT {now_ms}) - %(linger_ms)s ORDER BY loose_since_ms LIMIT 1"
)
_CONDEMN_LOOSE = (
    "UPDATE memories_large_body SET loose_since_ms = -1 WHERE version = %(version)s AND loose_since_ms > 0"
)
_CONDEMN_DUE = (
    "UPDATE memories_large_body SET loose_since_ms = -1"
    " WHERE version = %(version)s AND loose_since_ms = %(since_ms)s"
)
_MINE = "SELECT 1 FROM memories_large_body WHERE version = %(version)s AND loose_since_ms = -1 {skip_locked}"
_ERASE = (
    "DELETE FROM memories_chunk WHERE version = %(version)s AND number IN"
    " (SELECT number FROM memories_chunk WHERE version = %(version)s ORDER BY number LIMIT %(rows)s)"
)
_END = "DELETE FROM memories_large_body WHERE version = %(version)s AND loose_since_ms = -1"


def store(database: Database, body: Sequence[Buffer], size: int) -> Stored:
    """The body under a fresh version: as it is up to 1 MB, and above that written to chunks by now."""
    if size <= INLINE_BYTES:
        return Stored(size, new_version(), 0, joined(body))
    return write(database, body, size)


def write(database: Database, body: Sequence[Buffer], size: int) -> Stored:
    """Writes the body in transactions of a chunk each, between which others write.

    No record holds it yet: `hold` does that, and until then it is cleared if this process dies. Raises StoreFull
    and StoreUnavailable, having cleared up after itself.
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


def _add(database: Database, version: str, number: int, chunk: Buffer) -> None:
    values: Values = {"version": version, "number": number, "data": chunk}

    def add(turn: Turn) -> None:
        if number == 0:
            turn.count(_BEGIN, values)
        elif turn.count(_TOUCH, values) != 1:
            raise StoreUnavailable("The value was written too slowly and was cleared: send it again.")
        turn.count(_ADD, values)

    database.transact(add)


def hold(turn: Turn, body: Stored) -> None:
    """In the transaction that writes their record: the chunks are loose no longer.

    Raises StoreUnavailable when they were taken for those of a writer that died, and cleared.
    """
    if body.chunks and turn.count(_HOLD, {"version": body.version}) != 1:
        raise StoreUnavailable("The value took over ten minutes to write and was cleared: send it again.")


def release(turn: Turn, versions: list[str]) -> None:
    """In the transaction that removes their records: the chunks are read to their end, and no more."""
    if versions:
        values: Values = {}
        turn.count(_RELEASE.format(versions=listed(values, "v", versions)), values)


@contextlib.contextmanager
def discarded_if_loose(database: Database, body: Stored | None) -> Iterator[None]:
    """Clears the body's chunks when what is done within fails to take hold of them."""
    try:
        yield
    except BaseException:
        if body is not None and body.chunks:
            discard(database, body.version)
        raise


def discard(database: Database, version: str) -> None:
    """Clears the chunks of a body that no record holds, as far as the database lets it; a clearing does the rest."""
    with contextlib.suppress(StashError):
        loose = database.act(lambda turn: turn.count(_CONDEMN_LOOSE, {"version": version}))
        while loose and erase(database, version):
            pass


def sweep(database: Database) -> int | None:
    """One step of clearing: condemns a body that is due, or clears up to 8 of its chunks.

    Returns how many chunks it cleared, or None where there is nothing to do. A step is a transaction of its own.
    """
    found = database.ask(_DUE, {"linger_ms": LINGER_MS})
    if not found:
        return None
    version, since_ms = found[0]
    if since_ms != CONDEMNED:
        database.act(lambda turn: turn.count(_CONDEMN_DUE, {"version": version, "since_ms": since_ms}))
        return 0
    return erase(database, version)


def erase(database: Database, version: str) -> int | None:
    """Clears up to 8 chunks of a condemned body; None while another process is at it."""

    def some(turn: Turn) -> int | None:
        if turn.row(_MINE, {"version": version}) is None:
            return None
        count = turn.count(_ERASE, {"version": version, "rows": BATCH})
        if count < BATCH:
            turn.count(_END, {"version": version})
        return count

    return database.transact(some)
