"""One record at a time: what the contract's methods do inside their transaction, and `many` in its own."""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from stash_memory.backends.base import Closed, Put, Record, Update
from stash_memory.backends.sqlite import bodies, tombstones, usage
from stash_memory.backends.sqlite.bodies import Stored
from stash_memory.backends.sqlite.connections import Connections
from stash_memory.backends.sqlite.patience import patiently
from stash_memory.backends.sqlite.transactions import Transaction, Turn
from stash_memory.errors import PreconditionFailed
from stash_memory.law import extended

RECALL = "SELECT expires_at, size, version, chunks, body FROM memories WHERE user = ? AND id = ?"
RECALL_UNLESS = (
    "SELECT expires_at, size, version, CASE version WHEN ? THEN 0 ELSE chunks END,"
    " CASE version WHEN ? THEN x'' ELSE body END FROM memories WHERE user = ? AND id = ?"
)
_HEAD = "SELECT row, expires_at, size, version, chunks FROM memories WHERE user = ? AND id = ?"
# One statement, so that a plain put is its own transaction. RETURNING would cost 4.5 us, of 30: what the put needs
# to know of the row that it replaces, its functions note in `Notes`.
_PUT = (
    "INSERT INTO memories (user, id, expires_at, size, version, chunks, body)"
    " VALUES (?, ?, now_ms() + ?, ?, ?, ?, ?) ON CONFLICT (user, id) DO UPDATE SET"
    " expires_at = replacing(expires_at, excluded.expires_at), size = excluded.size,"
    " version = excluded.version, chunks = excluded.chunks, body = excluded.body"
)
_EXTEND = "UPDATE memories SET expires_at = ? WHERE row = ?"
_REWRITE = "UPDATE memories SET expires_at = ?, size = ?, version = ?, chunks = ?, body = ? WHERE row = ?"


class Head(NamedTuple):
    """A live record without its body; `row` is its number in the table."""

    row: int
    expires_at_ms: int
    size: int
    version: str
    chunks: int


def recall(
    connections: Connections,
    db: sqlite3.Connection | sqlite3.Cursor,
    user: str,
    id: str,
    unless_version: str | None = None,
) -> Record:
    """The record, alive when its row had been read. Raises MemoryMissing."""
    if unless_version is None:
        row = db.execute(RECALL, (user, id)).fetchone()
    else:
        row = db.execute(RECALL_UNLESS, (unless_version, unless_version, user, id)).fetchone()
    now_ms = connections.clock() // 1_000_000
    if row is None:
        expired_at_ms, came = tombstones.find(db, user, id)
        if came:
            return recall(connections, db, user, id, unless_version)
        raise tombstones.missing(expired_at_ms, now_ms)
    expires_at_ms, size, version, chunks, body = row
    if expires_at_ms <= now_ms:
        raise tombstones.missing(expires_at_ms, now_ms)
    whole = bodies.read(connections, version, chunks) if chunks else (body,)
    return Record(whole, size, version, expires_at_ms, expires_at_ms - now_ms)


def live(turn: Transaction, user: str, id: str, if_version: str | None) -> Head:
    """The live record. Raises MemoryMissing, and PreconditionFailed where `if_version` is not its version."""
    head = turn.db.execute(_HEAD, (user, id)).fetchone()
    if head is None:
        raise tombstones.missing(tombstones.find(turn.db, user, id)[0], turn.now_ms)
    if head[1] <= turn.now_ms:
        raise tombstones.missing(head[1], turn.now_ms)
    if if_version is not None and head[3] != if_version:
        raise PreconditionFailed
    return Head(*head)


def check_put(turn: Transaction, user: str, put: Put, size: int) -> None:
    """Raises what forbids a put of `size` bytes: PreconditionFailed, Closed, QuotaExceeded."""
    head = turn.db.execute(_HEAD, (user, put.id)).fetchone()
    if head is not None and head[1] <= turn.now_ms:
        head = None
    if put.if_absent and head is not None:
        raise PreconditionFailed
    if put.if_version is not None and (head is None or head[3] != put.if_version):
        raise PreconditionFailed
    if head is None and put.create_before_ms is not None and turn.now_ms >= put.create_before_ms:
        raise Closed
    usage.check(turn, user, put.caps, None if head is None else head[2], size)


def put(turn: Turn, user: str, id: str, body: Stored, ttl_ms: int) -> Record:
    """Writes the record, whatever was there."""
    notes = turn.link.notes
    notes.replaced_ms = None
    size, version, chunks, inline = body
    values = (user, id, ttl_ms, size, version, chunks, inline)
    patiently(turn.db, lambda db: db.execute(_PUT, values))
    if chunks:
        bodies.hold(turn.db, version)
    created = notes.replaced_ms is None or notes.replaced_ms <= notes.now_ms
    return Record((), size, version, notes.now_ms + ttl_ms, ttl_ms, created)


def check_update(turn: Transaction, user: str, update: Update, size: int) -> Head:
    """The live record. Raises what forbids an update to `size` bytes, and MemoryMissing."""
    head = live(turn, user, update.id, update.if_version)
    usage.check(turn, user, update.caps, head.size, size)
    return head


def update(
    connections: Connections, turn: Transaction, user: str, update: Update, body: Stored | None
) -> Record:
    """Does `update`, whose body is `body` by now. Raises what forbids it."""
    if body is None:
        head = live(turn, user, update.id, update.if_version)
    else:
        head = check_update(turn, user, update, body.size)
    expires_at_ms = extended(
        head.expires_at_ms,
        turn.now_ms,
        extra_ms=update.extra_ms,
        at_least_ms=update.at_least_ms,
        max_ttl_ms=update.max_ttl_ms,
    )
    remaining_ms = expires_at_ms - turn.now_ms
    if body is not None:
        turn.db.execute(
            _REWRITE, (expires_at_ms, body.size, body.version, body.chunks, body.inline, head.row)
        )
        if body.chunks:
            bodies.hold(turn.db, body.version)
        return Record((), body.size, body.version, expires_at_ms, remaining_ms)
    if expires_at_ms != head.expires_at_ms:
        turn.db.execute(_EXTEND, (expires_at_ms, head.row))
    whole: Iterable[bytes] = ()
    if update.at_least_ms is not None:
        whole = bodies.find(connections, turn.db, head.row, head.version, head.chunks)
    return Record(whole, head.size, head.version, expires_at_ms, remaining_ms)


def delete(turn: Transaction, user: str, id: str, if_version: str | None) -> None:
    """Removes the live record. Raises MemoryMissing and PreconditionFailed."""
    turn.db.execute("DELETE FROM memories WHERE row = ?", (live(turn, user, id, if_version).row,))
