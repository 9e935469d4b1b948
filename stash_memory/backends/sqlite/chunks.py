"""The chunks of large bodies: written one by one before their memory's row, cleared long after it."""

import contextlib
from collections.abc import Iterator, Sequence

from stash_memory.backends.base import Buffer
from stash_memory.backends.sqlite.bodies import INLINE_BYTES, Stored, cut, joined
from stash_memory.backends.sqlite.connections import Connections
from stash_memory.backends.sqlite.patience import let_others
from stash_memory.backends.sqlite.transactions import Transaction
from stash_memory.errors import StashError, StoreUnavailable
from stash_memory.ids import new_version

# A recall under way has this long to finish, and a writer this long for one chunk.
LINGER_MS = 10 * 60 * 1000
BATCH = 8
_CONDEMNED = -1

_TOUCH = "UPDATE loose SET since_ms = ? WHERE version = ? AND since_ms > 0"
_DUE = "SELECT version, since_ms FROM loose WHERE since_ms <= ? ORDER BY since_ms LIMIT 1"
_ERASE = "DELETE FROM chunks WHERE rowid IN (SELECT rowid FROM chunks WHERE version = ? LIMIT ?)"


def store(connections: Connections, body: Sequence[Buffer], size: int) -> Stored:
    """The body under a fresh version: as it is up to 1 MB, and above that written to chunks by now."""
    if size <= INLINE_BYTES:
        return Stored(size, new_version(), 0, joined(body))
    return write(connections, body, size)


def write(connections: Connections, body: Sequence[Buffer], size: int) -> Stored:
    """Writes the body in transactions of a chunk each, between which others write.

    Nobody holds it yet: `bodies.hold` does, and until then it is cleared if this process dies. Raises
    StoreFull and StoreUnavailable, having cleared up after itself.
    """
    version, number = new_version(), 0
    try:
        for chunk in cut(body):
            with Transaction(connections) as turn:
                _add(turn, version, number, chunk)
            number += 1
    except BaseException:
        discard(connections, version)
        raise
    return Stored(size, version, number, None)


def _add(turn: Transaction, version: str, number: int, chunk: Buffer) -> None:
    if number == 0:
        turn.db.execute("INSERT INTO loose VALUES (?, ?)", (version, turn.now_ms))
    elif turn.db.execute(_TOUCH, (turn.now_ms, version)).rowcount != 1:
        raise StoreUnavailable("The value was written too slowly and was cleared: send it again.")
    turn.db.execute("INSERT INTO chunks VALUES (?, ?, ?)", (version, number, chunk))


def discard(connections: Connections, version: str) -> None:
    """Clears the chunks of a body that nobody holds, as far as the file lets it; a clearing does the rest."""
    with contextlib.suppress(StashError):
        with Transaction(connections) as turn:
            held = turn.db.execute(_TOUCH, (_CONDEMNED, version)).rowcount != 1
        while not held and _erase(connections, version):
            let_others()


def sweep(connections: Connections) -> int | None:
    """One step of clearing: notes which chunks were let go, or clears up to 8 that are due.

    Returns how many it cleared, or None where there is nothing to do. A step is a transaction of its own.
    """
    now_ms = connections.clock() // 1_000_000
    found = connections.rows(_DUE, now_ms - LINGER_MS)
    if not found:
        return None
    version, since_ms = found[0]
    if since_ms == 0:
        with Transaction(connections) as turn:
            turn.db.execute("UPDATE loose SET since_ms = ? WHERE since_ms = 0", (turn.now_ms,))
        return 0
    if since_ms != _CONDEMNED:
        with Transaction(connections) as turn:
            due = "UPDATE loose SET since_ms = ? WHERE version = ? AND since_ms = ?"
            turn.db.execute(due, (_CONDEMNED, version, since_ms))
        return 0
    return _erase(connections, version)


def _erase(connections: Connections, version: str) -> int:
    with Transaction(connections) as turn:
        count = turn.db.execute(_ERASE, (version, BATCH)).rowcount
        if count < BATCH:
            turn.db.execute("DELETE FROM loose WHERE version = ? AND since_ms = ?", (version, _CONDEMNED))
    return count


@contextlib.contextmanager
def discarded_if_loose(connections: Connections, body: Stored | None) -> Iterator[None]:
    """Clears the body's chunks when what is done within fails to take hold of them."""
    try:
        yield
    except BaseException:
        if body is not None and body.chunks:
            discard(connections, body.version)
        raise
