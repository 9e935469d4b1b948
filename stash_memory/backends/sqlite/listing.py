"""Records by the beginning of their ids, in order of the ids' UTF-8 bytes."""

import json
import sqlite3

from stash_memory.backends.base import Entry, Page
from stash_memory.backends.sqlite.clearing import BATCH_ROWS, batch
from stash_memory.backends.sqlite.transactions import Transaction

# `+` keeps SQLite from the index by expiry, which would have it read and sort all that the user has.
_RANGE = "FROM memories WHERE user = ? AND id >= ? AND id < ? AND +expires_at > ? ORDER BY id LIMIT ?"
_PAGE = f"SELECT id, size, version, expires_at {_RANGE}"
_BATCH = f"SELECT row, iif(chunks, 0, size), id {_RANGE}"
_REMOVE = "DELETE FROM memories WHERE row IN (SELECT value FROM json_each(?))"

_LAST = "\U0010ffff"


def beyond(prefix: str) -> str | bytes:
    """The least value above every id that begins with `prefix`. In SQLite, bytes are above all text."""
    head = prefix.rstrip(_LAST)
    if not head:
        return b""
    last = ord(head[-1]) + 1
    # Surrogates are not characters: no UTF-8 text has them.
    return head[:-1] + chr(0xE000 if last == 0xD800 else last)


def after(prefix: str, cursor: str | None) -> str:
    """The least id that begins with `prefix` and comes after `cursor`, if it exists."""
    return prefix if cursor is None else max(prefix, cursor + "\0")


def page(db: sqlite3.Connection, now_ms: int, user: str, prefix: str, cursor: str | None, limit: int) -> Page:
    """One page of what is alive at `now_ms`. The cursor is the last id shown."""
    bounds = (user, after(prefix, cursor), beyond(prefix), now_ms, limit + 1)
    entries = [
        Entry(name, size, version, expires_at_ms, expires_at_ms - now_ms)
        for name, size, version, expires_at_ms in db.execute(_PAGE, bounds)
    ]
    if len(entries) <= limit:
        return Page(entries, None)
    return Page(entries[:limit], entries[limit - 1].id)


def remove(turn: Transaction, user: str, prefix: str, cursor: str | None) -> tuple[int, str | None]:
    """Removes one batch of live records: how many, and the cursor of the next batch, or None."""
    bounds = (user, after(prefix, cursor), beyond(prefix), turn.now_ms, BATCH_ROWS)
    found = turn.db.execute(_BATCH, bounds).fetchall()
    rows = batch([row[:2] for row in found])
    turn.db.execute(_REMOVE, (json.dumps(rows),))
    done = len(rows) == len(found) < BATCH_ROWS
    return len(rows), None if done else found[len(rows) - 1][2]
