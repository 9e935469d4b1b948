"""Clearing: what expired leaves the file in small batches, a few rows with the writes and all in a purge."""

import contextlib
import json
import random

from stash_memory.backends.base import Purged
from stash_memory.backends.sqlite import chunks, leftovers, tombstones
from stash_memory.backends.sqlite.connections import Connections
from stash_memory.backends.sqlite.patience import let_others
from stash_memory.backends.sqlite.transactions import Transaction
from stash_memory.errors import StashError

# One write in 32 clears up to 64 rows, so that what expires never outruns what is written.
EVERY = 32
OTHERS = 8
# What one transaction removes: 1,000 small rows take 18 ms, and 8 MB of bodies 5.
BATCH_ROWS = 1000
BATCH_BYTES = 8 << 20

_USERS = (
    "WITH RECURSIVE found (user) AS (SELECT min(user) FROM memories WHERE user > ?"
    " UNION ALL SELECT (SELECT min(user) FROM memories WHERE user > found.user) FROM found"
    " WHERE found.user IS NOT NULL LIMIT ?) SELECT user FROM found WHERE user IS NOT NULL"
)
_EXPIRED = (
    "SELECT row, iif(chunks, 0, size) FROM json_each(?) AS users CROSS JOIN memories"
    " INDEXED BY memories_by_expiry ON user = users.value AND expires_at <= ? LIMIT ?"
)
_REMOVE = (
    "DELETE FROM memories WHERE row IN (SELECT value FROM json_each(?)) AND expires_at <= ?"
    " RETURNING user, id, expires_at, size"
)


class Clearing:
    """The clearing of one process. Whatever it removes that expired within 24 hours leaves a tombstone."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        # Random, for processes that live for one write only.
        self._writes = random.randrange(EVERY)  # noqa: S311
        self._hand = ""

    def after_write(self, user: str, rows: int = 1, written_chunks: int = 0) -> None:
        """After `rows` written, clears a few of `user` and of the next few users, once in 32 rows.

        Up to two for each row that was written, and as many chunks. Raises nothing of the store.
        """
        self._writes += rows
        if self._writes < EVERY and not written_chunks:
            return
        owed, self._writes = 2 * max(self._writes, EVERY), 0
        with contextlib.suppress(StashError):
            self._clear_some(user, owed)
            owed = 2 * written_chunks or 1
            while owed > 0 and (cleared := chunks.sweep(self._connections)) is not None:
                owed -= max(1, cleared)

    def _clear_some(self, user: str, owed: int) -> None:
        users = [row[0] for row in self._connections.rows(_USERS, self._hand, OTHERS)]
        self._hand = users[-1] if len(users) == OTHERS else ""
        whose = [user, *(other for other in users if other != user)]
        while owed > 0 and (cleared := self._clear(whose, min(owed, BATCH_ROWS))[0]):
            owed -= cleared

    def purge(self, budget: int) -> Purged:
        """Removes about `budget` expired records, and then what else time has emptied."""
        memories = size = 0
        for users in leftovers.pages(self._connections, _USERS):
            count = 1
            while count and memories < budget:
                count, freed = self._clear(users, min(BATCH_ROWS, budget - memories))
                memories, size = memories + count, size + freed
            if memories >= budget:
                break
        more = memories >= budget and self._any_expired()
        while chunks.sweep(self._connections) is not None:
            let_others()
        leftovers.clear(self._connections)
        return Purged(memories, size, more)

    def _any_expired(self) -> bool:
        now_ms = self._connections.clock() // 1_000_000
        for users in leftovers.pages(self._connections, _USERS):
            if self._connections.rows(_EXPIRED, json.dumps(users), now_ms, 1):
                return True
        return False

    def _clear(self, users: list[str], rows: int) -> tuple[int, int]:
        """One batch of these users' expired records: how many went, and the bytes of their bodies."""
        now_ms = self._connections.clock() // 1_000_000
        found = self._connections.rows(_EXPIRED, json.dumps(users), now_ms, rows)
        if not found:
            return 0, 0
        with Transaction(self._connections) as turn:
            gone = turn.db.execute(_REMOVE, (json.dumps(batch(found)), turn.now_ms)).fetchall()
            remembered = [row[:3] for row in gone if row[2] + tombstones.REMEMBERED_MS > turn.now_ms]
            turn.db.executemany("INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?)", remembered)
            for user in {row[0] for row in remembered}:
                tombstones.trim(turn.db, user, turn.now_ms)
        return len(gone), sum(row[3] for row in gone)


def batch(found: list[tuple[int, int]]) -> list[int]:
    """Of rows and the bytes in each, the first ones that one transaction may remove: at least one."""
    rows: list[int] = []
    total = 0
    for row, size in found:
        total += size
        if rows and total > BATCH_BYTES:
            break
        rows.append(row)
    return rows
