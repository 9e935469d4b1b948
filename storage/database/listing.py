"""Records by the beginning of their ids, in order of the ids' UTF-8 bytes."""

from stash_memory.backends.base import Entry, Page
from storage.database import chunks
from storage.database.clearing import batch
from storage.database.turn import Turn, Values, listed
from storage.database.usage import Usage

_CLOCK = "WITH clock AS MATERIALIZED (SELECT {now_ms} AS now_ms)"
_RANGE = (
    " FROM memories_record WHERE user_id = %(user)s AND id >= %(first)s AND id > %(cursor)s"
    " AND (%(all)s OR id < %(end)s) AND expires_at_ms > (SELECT now_ms FROM clock) ORDER BY id LIMIT %(rows)s"
)
_PAGE = f"{_CLOCK} SELECT id, size, version, expires_at_ms, (SELECT now_ms FROM clock){_RANGE}"  # noqa: S608
_BATCH = f"{_CLOCK} SELECT id, size, chunks, version, CASE chunks WHEN 0 THEN size ELSE 0 END{_RANGE} {{for_update}}"
_DELETE = "DELETE FROM memories_record WHERE user_id = %(user)s AND id IN {ids}"

_LAST = "\U0010ffff"


def beyond(prefix: str) -> str | None:
    """The least text above every id that begins with `prefix`, if there is one."""
    head = prefix.rstrip(_LAST)
    if not head:
        return None
    last = ord(head[-1]) + 1
    # Surrogates are not characters: no UTF-8 text has them.
    return head[:-1] + chr(0xE000 if last == 0xD800 else last)


def _bounds(user: str, prefix: str, cursor: str | None, rows: int) -> Values:
    # An id has no NUL, and PostgreSQL's text cannot: what comes after "a\0b" comes after "a".
    end = beyond(prefix)
    return {
        "user": user,
        "first": prefix,
        "cursor": (cursor or "").partition("\0")[0],
        "all": end is None,
        "end": end or "",
        "rows": rows,
    }


def page(turn: Turn, user: str, prefix: str, cursor: str | None, limit: int) -> Page:
    """One page of what is alive. The cursor is the last id shown."""
    if "\0" in prefix:
        return Page([], None)
    entries = [
        Entry(name, size, version, expires_at_ms, expires_at_ms - now_ms)
        for name, size, version, expires_at_ms, now_ms in turn.rows(
            _PAGE, _bounds(user, prefix, cursor, limit + 1)
        )
    ]
    if len(entries) <= limit:
        return Page(entries, None)
    return Page(entries[:limit], entries[limit - 1].id)


def remove(turn: Turn, usage: Usage, prefix: str, cursor: str | None) -> tuple[int, str | None]:
    """Removes one batch of live records: how many, and the cursor of the next batch, or None."""
    if "\0" in prefix:
        return 0, None
    user = usage.user
    found = turn.rows(_BATCH, _bounds(user, prefix, cursor, turn.dialect.batch_rows))
    gone = batch(found)
    if gone:
        values: Values = {"user": user}
        turn.count(_DELETE.format(ids=listed(values, "i", [row[0] for row in gone])), values)
        chunks.release(turn, [row[3] for row in gone if row[2]])
        usage.change(-len(gone), -sum(row[1] for row in gone))
    done = len(gone) == len(found) < turn.dialect.batch_rows
    return len(gone), None if done else gone[-1][0]
