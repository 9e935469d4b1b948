"""The service's tables under the SQL engine.

A record's row is its own tombstone: clearing empties it (`cleared`) and leaves the expiry in it, so that a put, which
overwrites the row, buries the tombstone in the same step, and no second table can disagree.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence

from stash_memory.backends.sql import statements
from stash_memory.backends.sql.chunks import Stored
from stash_memory.backends.sql.clearing import Pace, first_batch, trim_tombstones
from stash_memory.backends.sql.database import Desk, Row, Turn, Values, listed, pairs
from stash_memory.bucket import Spend
from stash_memory.errors import StashError
from stash_memory.law import REMEMBERED_MS
from stash_memory.operations import Put, Recall, Result
from stash_memory.records import Record
from storage.database.database import DjangoDatabase

RECALL_MANY = statements.RECALL.replace("id = %(id)s", "id IN {ids}").replace("SELECT", "SELECT id,", 1)
# Anything more touches no row here and takes a transaction: a user whose usage is counted, a row whose body is in
# chunks. `created` is a column because only the replaced row knows its answer.
PUT_INTO = (
    "INSERT INTO memories_record AS record"
    " (user_id, id, expires_at_ms, size, version, chunks, cleared, created, body)"
    " SELECT CAST(%(user)s AS text), CAST(%(id)s AS text), {now_ms} + %(ttl_ms)s, %(size)s,"
    " CAST(%(version)s AS text), 0, FALSE, TRUE, %(body)s"
)
PUT_OVER = (
    " ON CONFLICT (user_id, id) DO UPDATE SET"
    " expires_at_ms = {now_ms} + %(ttl_ms)s, size = excluded.size, version = excluded.version, cleared = FALSE,"
    " created = (record.expires_at_ms <= {now_ms}), body = excluded.body WHERE record.chunks = 0"
    " AND (NOT %(if_absent)s OR record.expires_at_ms <= {now_ms}) RETURNING expires_at_ms, created"
)
PUT = f"{PUT_INTO} WHERE NOT EXISTS ({statements.USAGE}){PUT_OVER}"
CHANGE_USAGE = (
    "UPDATE memories_usage SET memories = memories + %(memories)s, bytes = bytes + %(bytes)s"
    " WHERE user_id = %(user)s"
)
HOLD_BODY = (
    "UPDATE memories_large_body SET loose_since_ms = NULL WHERE version = %(version)s AND loose_since_ms > 0"
)
RELEASE_BODIES = "UPDATE memories_large_body SET loose_since_ms = {{now_ms}} WHERE version IN {versions}"
DUE = (
    "SELECT user_id, id, expires_at_ms, size, CASE chunks WHEN 0 THEN size ELSE 0 END, chunks, version"
    " FROM memories_record WHERE NOT cleared AND expires_at_ms <= (SELECT {now_ms})"
    " ORDER BY expires_at_ms LIMIT %(rows)s {skip_locked}"
)
EMPTY = "UPDATE memories_record SET cleared = TRUE, chunks = 0, body = NULL WHERE (user_id, id) IN {names}"
DROP = "DELETE FROM memories_record WHERE (user_id, id) IN {names}"
COUNTED = "SELECT user_id FROM memories_usage WHERE user_id IN {users} ORDER BY user_id {{for_update}}"


class ServiceDatabase(DjangoDatabase):
    """See Database. `migrate` makes the tables."""

    words = {
        "record": "memories_record",
        "user": "user_id",
        "expires": "expires_at_ms",
        "expires_scanned": "expires_at_ms",
        "below_end": "(%(all)s OR id < %(end)s)",
        "cleared": "cleared",
        "flags": "cleared, created, ",
        "new_flags": "FALSE, TRUE, ",
        "replaced_flags": "cleared = FALSE, created = %(created)s, ",
        "bucket": "memories_bucket",
        "granted": ", granted",
        "granted_value": ", %(granted)s",
        "granted_excluded": ", granted = excluded.granted",
        "usage": "memories_usage",
        "chunk": "memories_chunk",
        "loose": "memories_large_body",
        "since": "loose_since_ms",
        "tombstone": "memories_record",
        "is_tombstone": "cleared",
    }

    def __init__(self, using: str) -> None:
        super().__init__(using)
        self._pace = Pace(self.batch_rows)

    def hold_chunks(self, turn: Turn, version: str) -> bool:
        """See Database."""
        return turn.count(HOLD_BODY, {"version": version}) == 1

    def release_chunks(self, turn: Turn, versions: Sequence[str]) -> None:
        """See Database."""
        if versions:
            values: Values = {}
            turn.count(RELEASE_BODIES.format(versions=listed(values, "v", versions)), values)

    def entry(self, user: str, *, alone: bool = False) -> Values:
        """The values of USAGE."""
        return {"user": user}

    def enter(
        self, turn: Turn, user: str, spend: Spend | None, *, capped: bool = False, alone: bool = False
    ) -> Desk:
        """See Database."""
        self.charge(turn, user, spend)
        return self.counted(
            turn, user, turn.row(statements.USAGE, self.entry(user, alone=alone or capped)), capped=capped
        )

    def counted(self, turn: Turn, user: str, usage: Row | None, *, capped: bool) -> Desk:
        """The user's desk; `capped` begins to count if nobody did yet."""
        if usage is None and capped:
            usage = turn.row(statements.START_USAGE, {"user": user})
        return Desk(self, turn, user, usage)

    def leave(self, desk: Desk) -> None:
        """See Database. The row of usage is the last that a transaction locks."""
        if desk.counted and (desk.more_memories or desk.more_bytes):
            more = {"user": desk.user, "memories": desk.more_memories, "bytes": desk.more_bytes}
            desk.turn.count(CHANGE_USAGE, more)

    def recall_many(self, turn: Turn, user: str, recalls: Sequence[Recall]) -> list[Result]:
        """See Database. One statement; it reads a body unless everyone who asks for it has it."""
        if not recalls:
            return []
        asked: dict[str, set[str | None]] = {}
        for recall in recalls:
            asked.setdefault(recall.id, set()).add(recall.unless_version)
        spared = [version for known in asked.values() if len(known) == 1 for version in known if version]
        values: Values = {"user": user}
        statement = RECALL_MANY.replace("= %(unless)s", f"IN {listed(values, 'v', spared or [''])}")
        statement = statement.replace("{ids}", listed(values, "i", [*asked]))
        rows = {row[0]: row[1:] for row in turn.rows(statement, values)}
        results: list[Result] = []
        for recall in recalls:
            try:
                results.append(self.record(recall, rows.get(recall.id)))
            except StashError as error:
                results.append(error.with_traceback(None))
        return results

    def put_plainly(self, user: str, put: Put, body: Stored, spend: Spend | None) -> Record | None:
        """See Database."""
        bounds = put.bounds
        if put.if_version is not None or bounds.caps is not None or bounds.create_before_ms is not None:
            return None
        values = self.entry(user) | {
            "id": put.id,
            "ttl_ms": put.life_ms,
            "size": body.size,
            "version": body.version,
            "body": body.inline,
            "if_absent": put.if_absent,
        }
        row = self.put_row(user, values, spend)
        if row is None or row[0] is None:
            return None
        return Record((), body.size, body.version, row[0], put.life_ms, bool(row[1]))

    def put_row(self, user: str, values: Values, spend: Spend | None) -> Row | None:
        """What a plain put wrote: expiry and whether it created; None if it takes a transaction."""
        if spend is not None and spend.bucket is None:
            return None
        return self.act(lambda turn: turn.row(PUT, values))

    def clear(self, user: str | None, rows: int) -> tuple[int, int]:
        """See Database. The oldest first, whoever's they are."""
        return self.clear_batch(rows)

    def clear_batch(self, rows: int, before: Callable[[Turn], None] | None = None) -> tuple[int, int]:
        """Clears one batch, after `before` in the same transaction."""
        rows, began = min(rows, self._pace.rows), 0.0

        def work(turn: Turn) -> list[Row]:
            nonlocal began
            if before is not None:
                before(turn)
            began = time.monotonic()
            return self._clear(turn, rows)

        due = self.transact(work)
        if due:
            self._pace.took(len(due), time.monotonic() - began)
            trim_tombstones(self, Counter(row[0] for row in due))
        return len(due), sum(row[3] for row in due)

    def unlocked(self, turn: Turn, users: set[str]) -> set[str]:
        """The users whose records this transaction may clear."""
        return users

    def _clear(self, turn: Turn, rows: int) -> list[Row]:
        due = first_batch(turn.rows(DUE, {"rows": rows}))
        ours = self.unlocked(turn, {row[0] for row in due})
        due = [row for row in due if row[0] in ours]
        if not due:
            return due
        oldest_ms = turn.tell_time() - REMEMBERED_MS
        for statement, names in [
            (EMPTY, [row[:2] for row in due if row[2] > oldest_ms]),
            (DROP, [row[:2] for row in due if row[2] <= oldest_ms]),
        ]:
            if names:
                values: Values = {}
                turn.count(statement.format(names=pairs(values, names)), values)
        self.release_chunks(turn, [row[6] for row in due if row[5]])
        self._count_less(turn, due)
        return due

    def _count_less(self, turn: Turn, due: list[Row]) -> None:
        """Subtracts from the usage of users whose usage is counted, in the order of their names."""
        values: Values = {}
        users = listed(values, "u", list(dict.fromkeys(row[0] for row in due)))
        for (user,) in turn.rows(COUNTED.format(users=users), values):
            gone = [row[3] for row in due if row[0] == user]
            turn.count(CHANGE_USAGE, {"user": user, "memories": -len(gone), "bytes": -sum(gone)})
