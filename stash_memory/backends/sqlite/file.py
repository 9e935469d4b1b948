"""SQLite's file under the SQL engine: one writer at a time, on the machine's clock, with fast paths for plain calls."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence

from stash_memory.backends.sql.chunks import Stored, read_chunks
from stash_memory.backends.sql.clearing import first_batch
from stash_memory.backends.sql.database import Answer, Database, Row, Turn
from stash_memory.backends.sqlite.connections import Connections
from stash_memory.backends.sqlite.links import let_others, patiently
from stash_memory.backends.sqlite.turns import FileTurn, Transaction, Writing
from stash_memory.bucket import Spend
from stash_memory.law import REMEMBERED, REMEMBERED_MS, missing
from stash_memory.operations import Put, Recall, Result
from stash_memory.records import Record

# A clearing looks at the writer's records, and at those of the next few users.
OTHERS = 8
USERS_AT_ONCE = 1000

RECALL = "SELECT expires_at, size, version, chunks, body FROM memories WHERE user = ? AND id = ?"
RECALL_UNLESS = (
    "SELECT expires_at, size, version, CASE version WHEN ? THEN 0 ELSE chunks END,"
    " CASE version WHEN ? THEN x'' ELSE body END FROM memories WHERE user = ? AND id = ?"
)
HEAD = "SELECT expires_at, size, version, chunks, FALSE FROM memories WHERE user = ? AND id = ?"
TOMBSTONE = (
    "SELECT (SELECT expires_at FROM tombstones WHERE user = ? AND id = ?),"
    " EXISTS (SELECT 1 FROM memories WHERE user = ? AND id = ?)"
)
# One statement, so that a plain put is its own transaction. RETURNING would cost 4.5 us, of 30: the put's functions
# note in `Notes` what it needs to know of the row that it replaces.
PUT = (
    "INSERT INTO memories (user, id, expires_at, size, version, chunks, body)"
    " VALUES (?, ?, now_ms() + ?, ?, ?, 0, ?) ON CONFLICT (user, id) DO UPDATE SET"
    " expires_at = replacing(expires_at, excluded.expires_at), size = excluded.size,"
    " version = excluded.version, chunks = excluded.chunks, body = excluded.body"
)
USERS = (
    "WITH RECURSIVE found (user) AS (SELECT min(user) FROM memories WHERE user > ?"
    " UNION ALL SELECT (SELECT min(user) FROM memories WHERE user > found.user) FROM found"
    " WHERE found.user IS NOT NULL LIMIT ?) SELECT user FROM found WHERE user IS NOT NULL"
)
EXPIRED = (
    "SELECT row, 0, 0, size, iif(chunks, 0, size) FROM json_each(?) AS users CROSS JOIN memories"
    " INDEXED BY memories_by_expiry ON user = users.value AND expires_at <= ? LIMIT ?"
)
REMOVE = (
    "DELETE FROM memories WHERE row IN (SELECT value FROM json_each(?)) AND expires_at <= ?"
    " RETURNING user, id, expires_at, size"
)
OLD = "DELETE FROM tombstones WHERE user = ? AND expires_at <= ?"
SURPLUS = (
    "DELETE FROM tombstones WHERE user = ? AND id IN (SELECT id FROM tombstones WHERE user = ?"
    " ORDER BY expires_at DESC, id LIMIT -1 OFFSET ?)"
)


class File(Database):
    """See Database. Triggers keep usage and loose chunks true, and tombstones lie in a table of their own."""

    words = {
        "record": "memories",
        "user": "user",
        "expires": "expires_at",
        # `+` keeps SQLite from the index by expiry, which would have it read and sort all that the user has.
        "expires_scanned": "+expires_at",
        "below_end": "id < %(end_or_bytes)s",
        "cleared": "FALSE",
        "flags": "",
        "new_flags": "",
        "replaced_flags": "",
        "bucket": "buckets",
        "granted": "",
        "granted_value": "",
        "granted_excluded": "",
        "usage": "usage",
        "usage_of": "(SELECT memories, bytes FROM usage WHERE user = %(user)s)",
        "chunk": "chunks",
        "loose": "loose",
        "since": "since_ms",
        "tombstone": "tombstones",
        "is_tombstone": "TRUE",
        "now_us": "stash_now_us()",
        "now_ms": "(stash_now_us() / 1000)",
        "for_update": "",
        "skip_locked": "",
    }
    # 1,000 small rows take 18 ms.
    batch_rows = 1000
    old_tombstones = (
        "DELETE FROM tombstones WHERE (user, id) IN (SELECT old.user, old.id"
        " FROM (SELECT DISTINCT user FROM tombstones) AS users CROSS JOIN tombstones AS old"
        " INDEXED BY tombstones_by_expiry ON old.user = users.user"
        " AND old.expires_at <= (SELECT {now_ms}) - %(remembered_ms)s LIMIT %(rows)s)"
    )

    def __init__(self, path: str, clock: Callable[[], int]) -> None:
        super().__init__()
        self.connections = Connections(path, clock)
        # Where a write's clearing goes on, and where a purge does.
        self._hand = self._purged_to = ""

    def spelled(self, statement: str) -> str:
        """See Database: %(name)s is :name."""
        return re.sub(r"%\((\w+)\)s", r":\1", statement)

    def read(self, work: Callable[[Turn], Answer]) -> Answer:
        """See Database."""
        return self.connections.read(lambda db: work(FileTurn(self, db)))

    def act(self, work: Callable[[Turn], Answer]) -> Answer:
        """See Database."""
        with Writing(self) as turn:
            return patiently(turn.db, lambda _: work(turn))

    def transact(self, work: Callable[[Turn], Answer], spend: Spend | None = None) -> Answer:
        """See Database."""
        with Transaction(self) as turn:
            return work(turn)

    def let_others(self) -> None:
        """See Database."""
        let_others()

    def close(self) -> None:
        """Closes every connection of this process."""
        self.connections.close()

    def hold_chunks(self, turn: Turn, version: str) -> bool:
        """See Database."""
        return (
            turn.count("DELETE FROM loose WHERE version = %(version)s AND since_ms > 0", {"version": version})
            == 1
        )

    def expired_at_ms(self, turn: Turn, user: str, id: str) -> int | None:
        """See Database."""
        found = turn.row(
            "SELECT expires_at FROM tombstones WHERE user = %(user)s AND id = %(id)s",
            {"user": user, "id": id},
        )
        return None if found is None else int(found[0])

    def head(self, turn: Turn, user: str, id: str) -> Row | None:
        """See Database."""
        assert isinstance(turn, FileTurn)
        found: Row | None = turn.db.execute(HEAD, (user, id)).fetchone()
        return found

    def recall(self, user: str, recall: Recall, spend: Spend | None) -> Record:
        """See Database. The fast path: one SELECT on a cursor that is kept."""
        if spend is None or spend.bucket is not None:
            link = self.connections.link()
            with link:
                link.check_file()
                try:
                    return self._recall(link.cursor, user, recall)
                except sqlite3.OperationalError:
                    return self._recall_patiently(link.cursor, user, recall)
        return super().recall(user, recall, spend)

    def recall_in(self, turn: Turn, user: str, recall: Recall) -> Record:
        """See Database."""
        assert isinstance(turn, FileTurn)
        return self._recall(turn.db, user, recall)

    def recall_many(self, turn: Turn, user: str, recalls: Sequence[Recall]) -> list[Result]:
        """See Database."""
        assert isinstance(turn, FileTurn)
        if turn.db.in_transaction:
            return super().recall_many(turn, user, recalls)
        turn.db.execute("BEGIN")
        try:
            return super().recall_many(turn, user, recalls)
        finally:
            if turn.db.in_transaction:
                turn.db.execute("ROLLBACK")

    def put_plainly(self, user: str, put: Put, body: Stored, spend: Spend | None) -> Record | None:
        """See Database. The fast path: one statement, which notes what it replaces."""
        bounds = put.bounds
        if spend is not None or put.if_absent or put.if_version is not None:
            return None
        if bounds.caps is not None or bounds.create_before_ms is not None:
            return None
        ttl_ms = put.life_ms
        values = (user, put.id, ttl_ms, body.size, body.version, body.inline)
        with Writing(self) as turn:
            notes = turn.link.notes
            notes.replaced_ms = None
            patiently(turn.db, lambda db: db.execute(PUT, values))
            created = notes.replaced_ms is None or notes.replaced_ms <= notes.now_ms
            return Record((), body.size, body.version, notes.now_ms + ttl_ms, ttl_ms, created)

    def any_due(self) -> bool:
        """See Database."""
        return any(self._expired(users, 1) for users in self._pages())

    def clear(self, user: str | None, rows: int) -> tuple[int, int]:
        """See Database. Expired records are found user by user, since their index begins with the user."""
        if user is not None:
            others = [row[0] for row in self.connections.rows(USERS, self._hand, OTHERS)]
            self._hand = others[-1] if len(others) == OTHERS else ""
            return self._clear([user, *(other for other in others if other != user)], rows)
        for start in dict.fromkeys((self._purged_to, "")):
            for users in self._pages(start):
                cleared = self._clear(users, rows)
                if cleared[0]:
                    return cleared
                self._purged_to = users[-1]
        self._purged_to = ""
        return 0, 0

    def _clear(self, users: list[str], rows: int) -> tuple[int, int]:
        found = first_batch(self._expired(users, min(rows, self.batch_rows)))
        if not found:
            return 0, 0
        with Transaction(self) as turn:
            gone = turn.db.execute(REMOVE, (json.dumps([row[0] for row in found]), turn.now_ms)).fetchall()
            remembered = [row[:3] for row in gone if row[2] + REMEMBERED_MS > turn.now_ms]
            turn.db.executemany("INSERT OR REPLACE INTO tombstones VALUES (?, ?, ?)", remembered)
            for user in {row[0] for row in remembered}:
                turn.db.execute(OLD, (user, turn.now_ms - REMEMBERED_MS))
                turn.db.execute(SURPLUS, (user, user, REMEMBERED))
        return len(gone), sum(row[3] for row in gone)

    def _expired(self, users: list[str], rows: int) -> list[Row]:
        now_ms = self.connections.clock() // 1_000_000
        return self.connections.rows(EXPIRED, json.dumps(users), now_ms, rows)

    def _pages(self, hand: str = "") -> Iterator[list[str]]:
        """All users with records after `hand`, 1,000 at a time."""
        while True:
            page = [row[0] for row in self.connections.rows(USERS, hand, USERS_AT_ONCE)]
            if page:
                yield page
            if len(page) < USERS_AT_ONCE:
                return
            hand = page[-1]

    def _recall_patiently(self, cursor: sqlite3.Cursor, user: str, recall: Recall) -> Record:
        return patiently(cursor, lambda db: self._recall(db, user, recall))

    def _recall(self, db: sqlite3.Connection | sqlite3.Cursor, user: str, recall: Recall) -> Record:
        memory_id, known = recall.id, recall.unless_version
        if known is None:
            row = db.execute(RECALL, (user, memory_id)).fetchone()
        else:
            row = db.execute(RECALL_UNLESS, (known, known, user, memory_id)).fetchone()
        now_ms = self.connections.clock() // 1_000_000
        if row is None:
            expired_at_ms, came = db.execute(TOMBSTONE, (user, memory_id, user, memory_id)).fetchone()
            if came:
                # Somebody put it between the two statements.
                return self._recall(db, user, recall)
            raise missing(expired_at_ms, now_ms)
        expires_at_ms, size, version, chunks, body = row
        if expires_at_ms <= now_ms:
            raise missing(expires_at_ms, now_ms)
        whole = read_chunks(self, version, chunks) if chunks else (body,)
        return Record(whole, size, version, expires_at_ms, expires_at_ms - now_ms)
