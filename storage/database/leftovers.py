"""What time empties besides records: tombstones, full buckets, counters at zero."""

import random
import time
from collections import Counter

from storage.database.database import Database
from storage.database.pace import Pace
from storage.database.records import REMEMBERED_MS
from storage.database.turn import Values

KEPT = 1000
# A user's tombstones are looked over once for about so many that came.
TRIM_EVERY = 64

_OLDEST_KEPT = (
    "SELECT expires_at_ms, id FROM memories_record WHERE user_id = %(user)s AND cleared"
    " ORDER BY expires_at_ms DESC, id DESC LIMIT 1 OFFSET %(kept)s - 1"
)
_SURPLUS = (
    "DELETE FROM memories_record WHERE user_id = %(user)s AND id IN (SELECT id FROM memories_record"
    " WHERE user_id = %(user)s AND cleared AND expires_at_ms <= %(expires_at_ms)s"
    " AND (expires_at_ms < %(expires_at_ms)s OR id < %(id)s) LIMIT %(rows)s {skip_locked})"
)
_OLD = (
    "DELETE FROM memories_record WHERE (user_id, id) IN (SELECT user_id, id FROM memories_record WHERE cleared"
    " AND expires_at_ms <= (SELECT {now_ms}) - %(remembered_ms)s ORDER BY expires_at_ms LIMIT %(rows)s"
    " {skip_locked})"
)
_FULL = (
    "DELETE FROM memories_bucket WHERE user_id IN (SELECT user_id FROM memories_bucket"
    " WHERE full_at_us <= (SELECT {now_us}) LIMIT %(rows)s {skip_locked})"
)
_UNUSED = (
    "DELETE FROM memories_usage WHERE user_id IN (SELECT user_id FROM memories_usage WHERE memories = 0"
    " LIMIT %(rows)s {skip_locked})"
)


def trim(database: Database, came: Counter[str], pace: Pace) -> None:
    """Forgets all but a user's newest 1,000 tombstones: the more of them came, the more likely."""
    for user, count in came.items():
        if random.random() * TRIM_EVERY >= count:  # noqa: S311
            continue
        found = database.ask(_OLDEST_KEPT, {"user": user, "kept": KEPT})
        for expires_at_ms, name in found:
            _in_batches(database, _SURPLUS, {"user": user, "expires_at_ms": expires_at_ms, "id": name}, pace)


def clear(database: Database, pace: Pace) -> None:
    """Clears it, in statements at that pace, each its own transaction."""
    for statement in (_OLD, _FULL, _UNUSED):
        _in_batches(database, statement, {"remembered_ms": REMEMBERED_MS}, pace)


def _in_batches(database: Database, statement: str, values: Values, pace: Pace) -> None:
    while True:
        rows, began = pace.rows, time.monotonic()
        count = database.act(lambda turn, rows=rows: turn.count(statement, {**values, "rows": rows}))
        pace.took(count, time.monotonic() - began)
        if count < rows:
            return
        database.dialect.let_others()
