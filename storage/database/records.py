"""One record at a time: what the contract's methods do inside their transaction, and `many` in its own."""

from collections.abc import Iterable
from typing import NamedTuple

from stash_memory.backends.base import Closed, Put, Record, Update
from stash_memory.errors import MemoryExpired, MemoryMissing, MemoryNotFound, PreconditionFailed
from stash_memory.law import extended
from storage.database import bodies, buckets, chunks
from storage.database.bodies import Stored
from storage.database.database import Database
from storage.database.turn import Row, Turn, Values
from storage.database.usage import Usage

REMEMBERED_MS = 24 * 3600 * 1000

# `unless` never matches where it is null.
_COLUMNS = (
    "{now_us}, expires_at_ms, size, version, CASE WHEN version = %(unless)s THEN 0 ELSE chunks END,"
    " CASE WHEN cleared OR version = %(unless)s THEN NULL ELSE body END"
)
RECALL = f"SELECT {_COLUMNS} FROM memories_record WHERE user_id = %(user)s AND id = %(id)s"  # noqa: S608
# What it reads is as it was when the statement began, which may have waited for the bucket since.
PAID_RECALL = (
    f"{buckets.PAID} SELECT {buckets.RECEIPT}, {_COLUMNS} FROM paid"  # noqa: S608
    " LEFT JOIN memories_record AS record ON record.user_id = paid.user_id AND record.id = %(id)s"
)
# The clock is read when the row is locked, and the row is as the last one to write it left it.
_HEAD = (
    "WITH head AS MATERIALIZED (SELECT expires_at_ms, size, version, chunks, cleared FROM memories_record"
    " WHERE user_id = %(user)s AND id = %(id)s {for_update})"
    " SELECT {now_us}, head.* FROM (SELECT 1 AS one) AS always LEFT JOIN head ON TRUE"
)
_INSERT = (
    "INSERT INTO memories_record"
    " (user_id, id, expires_at_ms, size, version, chunks, cleared, created, body)"
    " VALUES (%(user)s, %(id)s, %(expires_at_ms)s, %(size)s, %(version)s, %(chunks)s, FALSE, TRUE, %(body)s)"
    " ON CONFLICT (user_id, id) DO NOTHING"
)
_REPLACE = (
    "UPDATE memories_record SET expires_at_ms = %(expires_at_ms)s, size = %(size)s, version = %(version)s,"
    " chunks = %(chunks)s, cleared = FALSE, created = %(created)s, body = %(body)s"
    " WHERE user_id = %(user)s AND id = %(id)s"
)
_EXTEND = (
    "UPDATE memories_record SET expires_at_ms = %(expires_at_ms)s WHERE user_id = %(user)s AND id = %(id)s"
)
_BODY = "SELECT body FROM memories_record WHERE user_id = %(user)s AND id = %(id)s"
_DELETE = "DELETE FROM memories_record WHERE user_id = %(user)s AND id = %(id)s"


class Head(NamedTuple):
    """A record's row without its body, alive or not."""

    expires_at_ms: int
    size: int
    version: str
    chunks: int
    cleared: bool


def missing(expired_at_ms: int, now_ms: int) -> MemoryMissing:
    """MemoryExpired of what expired within 24 hours, else MemoryNotFound."""
    if expired_at_ms + REMEMBERED_MS <= now_ms:
        return MemoryNotFound()
    return MemoryExpired(expired_at_ms)


def recalled(database: Database, row: Row | None, *, spared: bool = False) -> Record:
    """The record in a row of RECALL. Raises MemoryMissing."""
    if row is None or row[1] is None:
        raise MemoryNotFound
    now_us, expires_at_ms, size, version, count, inline = row
    remaining_ms = expires_at_ms - now_us // 1000
    if remaining_ms <= 0:
        raise missing(expires_at_ms, now_us // 1000)
    body: Iterable[bytes] = () if spared else bodies.found(database, version, count, inline)
    return Record(body, size, version, expires_at_ms, remaining_ms)


def recall(database: Database, turn: Turn, user: str, id: str, unless_version: str | None) -> Record:
    """The record. Raises MemoryMissing."""
    return recalled(database, turn.row(RECALL, {"user": user, "id": id, "unless": unless_version}))


def head(turn: Turn, user: str, id: str) -> Head | None:
    """The row, locked until the transaction ends, and the clock told; None where there is no row."""
    [(now_us, *columns)] = turn.rows(_HEAD, {"user": user, "id": id})
    turn.tell_time(now_us)
    return None if columns[0] is None else Head(*columns)


def live(turn: Turn, user: str, id: str, if_version: str | None) -> Head:
    """The live record. Raises MemoryMissing, and PreconditionFailed where it is another version."""
    row = head(turn, user, id)
    if row is None:
        raise MemoryNotFound
    if row.expires_at_ms <= turn.now_ms:
        raise missing(row.expires_at_ms, turn.now_ms)
    if if_version is not None and row.version != if_version:
        raise PreconditionFailed
    return row


def check_put(turn: Turn, usage: Usage, put: Put, size: int) -> Head | None:
    """The row that a put of `size` bytes replaces. Raises PreconditionFailed, Closed, QuotaExceeded."""
    row = head(turn, usage.user, put.id)
    alive = row if row is not None and row.expires_at_ms > turn.now_ms else None
    if put.if_absent and alive is not None:
        raise PreconditionFailed
    if put.if_version is not None and (alive is None or alive.version != put.if_version):
        raise PreconditionFailed
    if alive is None and put.create_before_ms is not None and turn.now_ms >= put.create_before_ms:
        raise Closed
    usage.check(turn, put.caps, None if alive is None else alive.size, size)
    return row


def put(turn: Turn, usage: Usage, put: Put, body: Stored) -> Record:
    """Writes the record. Raises what forbids it."""
    while True:
        row = check_put(turn, usage, put, body.size)
        expires_at_ms = turn.now_ms + put.ttl_ms
        created = row is None or row.expires_at_ms <= turn.now_ms
        values = _values(usage.user, put.id, expires_at_ms, body) | {"created": created}
        # Where there was no row, another may have made one meanwhile: then all is decided again, on that one.
        if turn.count(_INSERT if row is None else _REPLACE, values):
            break
    _replaced(turn, usage, row, body)
    return Record((), body.size, body.version, expires_at_ms, put.ttl_ms, created)


def update(database: Database, turn: Turn, usage: Usage, update: Update, body: Stored | None) -> Record:
    """Does `update`, whose body is `body` by now. Raises what forbids it."""
    row = live(turn, usage.user, update.id, update.if_version)
    expires_at_ms = extended(
        row.expires_at_ms,
        turn.now_ms,
        extra_ms=update.extra_ms,
        at_least_ms=update.at_least_ms,
        max_ttl_ms=update.max_ttl_ms,
    )
    remaining_ms = expires_at_ms - turn.now_ms
    if body is not None:
        usage.check(turn, update.caps, row.size, body.size)
        values = _values(usage.user, update.id, expires_at_ms, body) | {"created": False}
        turn.count(_REPLACE, values)
        _replaced(turn, usage, row, body)
        return Record((), body.size, body.version, expires_at_ms, remaining_ms)
    name: Values = {"user": usage.user, "id": update.id}
    if expires_at_ms != row.expires_at_ms:
        turn.count(_EXTEND, name | {"expires_at_ms": expires_at_ms})
    whole: Iterable[bytes] = ()
    if update.at_least_ms is not None:
        inline = None if row.chunks else turn.rows(_BODY, name)[0][0]
        whole = bodies.found(database, row.version, row.chunks, inline)
    return Record(whole, row.size, row.version, expires_at_ms, remaining_ms)


def delete(turn: Turn, usage: Usage, id: str, if_version: str | None) -> None:
    """Removes the live record. Raises MemoryMissing and PreconditionFailed."""
    row = live(turn, usage.user, id, if_version)
    turn.count(_DELETE, {"user": usage.user, "id": id})
    if row.chunks:
        chunks.release(turn, [row.version])
    usage.change(-1, -row.size)


def _values(user: str, id: str, expires_at_ms: int, body: Stored) -> Values:
    return {
        "user": user,
        "id": id,
        "expires_at_ms": expires_at_ms,
        "size": body.size,
        "version": body.version,
        "chunks": body.chunks,
        "body": body.inline,
    }


def _replaced(turn: Turn, usage: Usage, row: Head | None, body: Stored) -> None:
    chunks.hold(turn, body)
    if row is not None and row.chunks:
        chunks.release(turn, [row.version])
    if row is None or row.cleared:
        usage.change(1, body.size)
    else:
        usage.change(0, body.size - row.size)
