"""What is remembered of memories that expired: that they did, and when."""

import sqlite3

from stash_memory.errors import MemoryExpired, MemoryMissing, MemoryNotFound

REMEMBERED_MS = 24 * 3600 * 1000
KEPT = 1000

_FIND = (
    "SELECT (SELECT expires_at FROM tombstones WHERE user = ? AND id = ?),"
    " EXISTS (SELECT 1 FROM memories WHERE user = ? AND id = ?)"
)
_OLD = "DELETE FROM tombstones WHERE user = ? AND expires_at <= ?"
_SURPLUS = (
    "DELETE FROM tombstones WHERE user = ? AND id IN (SELECT id FROM tombstones WHERE user = ?"
    " ORDER BY expires_at DESC, id LIMIT -1 OFFSET ?)"
)


def missing(expired_at_ms: int | None, now_ms: int) -> MemoryMissing:
    """MemoryExpired of what expired within 24 hours, else MemoryNotFound."""
    if expired_at_ms is None or expired_at_ms + REMEMBERED_MS <= now_ms:
        return MemoryNotFound()
    return MemoryExpired(expired_at_ms)


def find(db: sqlite3.Connection | sqlite3.Cursor, user: str, id: str) -> tuple[int | None, bool]:
    """Of a memory that has no row: when it expired, if it did; and whether it has a row after all by now."""
    expired_at_ms, came = db.execute(_FIND, (user, id, user, id)).fetchone()
    return expired_at_ms, bool(came)


def trim(db: sqlite3.Connection, user: str, now_ms: int) -> None:
    """Forgets this user's older than 24 hours, and all but the newest 1,000; inside a transaction."""
    db.execute(_OLD, (user, now_ms - REMEMBERED_MS))
    db.execute(_SURPLUS, (user, user, KEPT))
