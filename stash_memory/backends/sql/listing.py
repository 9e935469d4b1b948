"""Records by the beginning of their ids, in the order of the ids' UTF-8 bytes."""

from stash_memory.backends.sql import statements
from stash_memory.backends.sql.clearing import first_batch
from stash_memory.backends.sql.database import Desk, Turn, Values, listed
from stash_memory.records import Entry, Page

LAST = "\U0010ffff"


def page(turn: Turn, user: str, prefix: str, cursor: str | None, limit: int) -> Page:
    """One page of live records. The cursor is the last shown id."""
    if "\0" in prefix:
        return Page([], None)
    rows = turn.rows(statements.PAGE, _bounds(user, prefix, cursor, limit + 1))
    entries = [
        Entry(name, size, version, expires_at_ms, expires_at_ms - now_ms)
        for name, size, version, expires_at_ms, now_ms in rows
    ]
    return Page(entries[:limit], entries[limit - 1].id if len(entries) > limit else None)


def remove(desk: Desk, prefix: str, cursor: str | None) -> tuple[int, str | None]:
    """Removes one batch of live records: how many, and the cursor of the next batch, or None."""
    if "\0" in prefix:
        return 0, None
    turn, rows = desk.turn, desk.database.batch_rows
    found = turn.rows(statements.BATCH, _bounds(desk.user, prefix, cursor, rows))
    gone = first_batch(found)
    if gone:
        values: Values = {"user": desk.user}
        names = listed(values, "i", [row[0] for row in gone])
        turn.count(statements.DELETE_BATCH.format(ids=names), values)
        desk.database.release_chunks(turn, [row[3] for row in gone if row[2]])
        desk.change(-len(gone), -sum(row[1] for row in gone))
    done = len(gone) == len(found) < rows
    return len(gone), None if done else gone[-1][0]


def end_of(prefix: str) -> str | None:
    """The least text above every id that begins with `prefix`, if there is one."""
    head = prefix.rstrip(LAST)
    if not head:
        return None
    last = ord(head[-1]) + 1
    # Surrogates are not characters: no UTF-8 text has them.
    return head[:-1] + chr(0xE000 if last == 0xD800 else last)


def _bounds(user: str, prefix: str, cursor: str | None, rows: int) -> Values:
    end = end_of(prefix)
    return {
        "user": user,
        "first": prefix,
        # An id has no NUL, and PostgreSQL's text cannot: whatever comes after "a\0b" comes after "a".
        "cursor": (cursor or "").partition("\0")[0],
        "all": end is None,
        "end": end or "",
        # In SQLite, bytes are above all text.
        "end_or_bytes": b"" if end is None else end,
        "rows": rows,
    }
