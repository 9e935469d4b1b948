"""What a purge clears besides records: full buckets, counters at zero, tombstones older than 24 hours."""

import json
from collections.abc import Iterator

from stash_memory.backends.sqlite.connections import Connections
from stash_memory.backends.sqlite.tombstones import REMEMBERED_MS
from stash_memory.backends.sqlite.transactions import Transaction

PAGE = 1000

_FULL = "SELECT user FROM buckets WHERE user > ? AND full_at_us <= {} ORDER BY user LIMIT ?"
_UNUSED = "SELECT user FROM usage WHERE user > ? AND memories = 0 ORDER BY user LIMIT ?"
_BURIED = (
    "WITH RECURSIVE found (user) AS (SELECT min(user) FROM tombstones WHERE user > ?"
    " UNION ALL SELECT (SELECT min(user) FROM tombstones WHERE user > found.user) FROM found"
    " WHERE found.user IS NOT NULL LIMIT ?) SELECT user FROM found WHERE user IS NOT NULL"
)
_OLD = (
    "SELECT user, tombstones.id FROM json_each(?) AS users CROSS JOIN tombstones"
    " INDEXED BY tombstones_by_expiry ON user = users.value AND expires_at <= ? LIMIT ?"
)


def pages(connections: Connections, users: str) -> Iterator[list[str]]:
    """The users that the query `users` (its parameters: after which one, how many) finds, 1,000 at a time."""
    hand = ""
    while True:
        page = [row[0] for row in connections.rows(users, hand, PAGE)]
        if page:
            yield page
        if len(page) < PAGE:
            return
        hand = page[-1]


def clear(connections: Connections) -> None:
    """Clears it, in batches of at most 1,000 rows."""
    now_us = connections.clock() // 1000
    for users in pages(connections, _FULL.format(now_us)):
        with Transaction(connections) as turn:
            full = "DELETE FROM buckets WHERE user = ? AND full_at_us <= ?"
            turn.db.executemany(full, [(user, now_us) for user in users])
    for users in pages(connections, _UNUSED):
        with Transaction(connections) as turn:
            unused = "DELETE FROM usage WHERE user = ? AND memories = 0"
            turn.db.executemany(unused, [(user,) for user in users])
    cutoff_ms = now_us // 1000 - REMEMBERED_MS
    for users in pages(connections, _BURIED):
        while _bury(connections, json.dumps(users), cutoff_ms) == PAGE:
            pass


def _bury(connections: Connections, users: str, cutoff_ms: int) -> int:
    found = connections.rows(_OLD, users, cutoff_ms, PAGE)
    if found:
        with Transaction(connections) as turn:
            old = "DELETE FROM tombstones WHERE user = ? AND id = ? AND expires_at <= ?"
            turn.db.executemany(old, [(*name, cutoff_ms) for name in found])
    return len(found)
