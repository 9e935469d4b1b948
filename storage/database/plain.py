"""Plain puts, of small bodies where nothing but a token is decided first: one statement, its own transaction."""

from stash_memory.backends.base import Put, Record
from stash_memory.bucket import Spend
from storage.database import buckets, usage
from storage.database.bodies import Stored
from storage.database.turn import Row, Turn

# Whatever has more to it touches no row here, and is done in a transaction: a user whose usage is counted, and
# a row whose body is in chunks. `created` is a column because only the row that is replaced knows its answer.
_INTO = (
    "INSERT INTO memories_record AS record"
    " (user_id, id, expires_at_ms, size, version, chunks, cleared, created, body)"
    " SELECT CAST(%(user)s AS text), CAST(%(id)s AS text), {now_ms} + %(ttl_ms)s, %(size)s,"
    " CAST(%(version)s AS text), 0, FALSE, TRUE, %(body)s"
)
_OVER = (
    " ON CONFLICT (user_id, id) DO UPDATE SET"
    " expires_at_ms = {now_ms} + %(ttl_ms)s, size = excluded.size, version = excluded.version, cleared = FALSE,"
    " created = (record.expires_at_ms <= {now_ms}), body = excluded.body WHERE record.chunks = 0"
    " AND (NOT %(if_absent)s OR record.expires_at_ms <= {now_ms}) RETURNING expires_at_ms, created"
)
_PUT = f"{_INTO} WHERE NOT EXISTS ({usage.ENTER}){_OVER}"
_PAID_PUT = (
    f"{buckets.PAID}, put AS ({_INTO} FROM paid"  # noqa: S608
    f" WHERE NOT EXISTS (SELECT 1 FROM memories_usage_of(paid.user_id, %(lock)s, FALSE)){_OVER})"
    f" SELECT {buckets.RECEIPT}, put.expires_at_ms, put.created FROM paid LEFT JOIN put ON TRUE"
)


def put(turn: Turn, user: str, put: Put, body: Stored, spend: Spend | None) -> Record | None:
    """Writes the record, whatever was there; None where that takes a transaction, and only the token was spent.

    Raises RateLimited.
    """
    values = usage.entry(user) | {
        "id": put.id,
        "ttl_ms": put.ttl_ms,
        "size": body.size,
        "version": body.version,
        "body": body.inline,
        "if_absent": put.if_absent,
    }
    row: Row | None
    if buckets.in_one_statement(spend, turn.dialect):
        row = buckets.pay(turn, user, spend, _PAID_PUT, values)
    else:
        row = turn.row(_PUT, values)
    if row is None or row[0] is None:
        return None
    expires_at_ms, created = row
    return Record((), body.size, body.version, expires_at_ms, put.ttl_ms, bool(created))
