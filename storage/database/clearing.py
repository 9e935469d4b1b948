"""Clearing: what expired is emptied in small batches, a few rows with the writes and all in a purge."""

import contextlib
import random
import time
from collections import Counter

from stash_memory.backends.base import Purged
from stash_memory.errors import StashError, StoreUnavailable
from storage.database import chunks, leftovers
from storage.database.database import Database
from storage.database.pace import Pace
from storage.database.records import REMEMBERED_MS
from storage.database.turn import Row, Turn, Values, listed, lock_number, pairs

# One write in 32 clears up to 64 rows, so that what expires never outruns what is written.
EVERY = 32
# What one transaction clears at most, in rows and in bytes of the bodies in them.
BATCH_BYTES = 8 << 20
# As long as a purge waits for the lock of a user who has it alone: each write with caps does, for a moment.
PATIENCE = "1s"

_DUE = (
    "SELECT user_id, id, expires_at_ms, size, CASE chunks WHEN 0 THEN size ELSE 0 END, chunks, version"
    " FROM memories_record WHERE NOT cleared AND expires_at_ms <= (SELECT {now_ms})"
    " ORDER BY expires_at_ms LIMIT %(rows)s {skip_locked}"
)
_ANY_DUE = "SELECT 1 FROM memories_record WHERE NOT cleared AND expires_at_ms <= (SELECT {now_ms}) LIMIT 1"
# Those whose lock somebody has alone are left for the next time.
_SHARED = (
    "SELECT who FROM unnest(CAST(%(users)s AS text[]), CAST(%(locks)s AS int[])) AS asked (who, lock_number)"
    " WHERE pg_try_advisory_xact_lock_shared(1400136051, lock_number)"
)
_OLDEST = (
    "SELECT user_id FROM memories_record WHERE NOT cleared AND expires_at_ms <= (SELECT {now_ms})"
    " ORDER BY expires_at_ms LIMIT 1"
)
_PATIENTLY = "SELECT set_config('lock_timeout', %(patience)s, TRUE)"
_WAIT = "SELECT pg_advisory_xact_lock_shared(1400136051, %(lock)s)"
_EMPTY = "UPDATE memories_record SET cleared = TRUE, chunks = 0, body = NULL WHERE (user_id, id) IN {names}"
_DROP = "DELETE FROM memories_record WHERE (user_id, id) IN {names}"
_COUNTED = "SELECT user_id FROM memories_usage WHERE user_id IN {users} ORDER BY user_id {{for_update}}"
_LESS = (
    "UPDATE memories_usage SET memories = memories_usage.memories - less.memories,"
    " bytes = memories_usage.bytes - less.bytes"
    " FROM (SELECT column1 AS user_id, column2 AS memories, column3 AS bytes FROM (VALUES {rows}) AS list) AS less"
    " WHERE memories_usage.user_id = less.user_id"
)


class Clearing:
    """The clearing of one process. What expired within 24 hours stays behind as its own tombstone."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pace = Pace(database.dialect.batch_rows)
        # Random, for processes that live for one write only.
        self._writes = random.randrange(EVERY)  # noqa: S311

    def after_write(self, rows: int = 1, written_chunks: int = 0) -> None:
        """After `rows` written, clears a few that expired, whoever's they are, once in 32 rows.

        Up to two for each row that was written, and as many chunks. Raises nothing of the store.
        """
        self._writes += rows
        if self._writes < EVERY and not written_chunks:
            return
        owed, self._writes = 2 * max(self._writes, EVERY), 0
        with contextlib.suppress(StashError):
            self._clear(owed)
            owed = 2 * written_chunks or 1
            while owed > 0 and (cleared := chunks.sweep(self._database)) is not None:
                owed -= max(1, cleared)

    def purge(self, budget: int) -> Purged:
        """Clears about `budget` expired records, and then what else time has emptied."""
        memories = size = 0
        while memories < budget:
            count, freed = self._clear(budget - memories)
            if not count and self._database.dialect.locks_rows:
                with contextlib.suppress(StoreUnavailable):
                    count, freed = self._clear(budget - memories, wait=True)
            if not count:
                break
            memories, size = memories + count, size + freed
            self._database.dialect.let_others()
        more = bool(self._database.ask(_ANY_DUE, {}))
        while chunks.sweep(self._database) is not None:
            self._database.dialect.let_others()
        leftovers.clear(self._database, self._pace)
        return Purged(memories, size, more)

    def _clear(self, rows: int, *, wait: bool = False) -> tuple[int, int]:
        """One batch: how many records went, and the bytes of their bodies.

        Users who have their lock alone are left out; with `wait`, the one whose record expired first is waited for.
        """
        rows, began = min(rows, self._pace.rows), 0.0

        def work(turn: Turn) -> list[Row]:
            nonlocal began
            if wait:
                _wait(turn)
            began = time.monotonic()
            return _clear(turn, rows)

        due = self._database.transact(work)
        if due:
            self._pace.took(len(due), time.monotonic() - began)
            leftovers.trim(self._database, Counter(row[0] for row in due), self._pace)
        return len(due), sum(row[3] for row in due)


def batch(found: list[Row]) -> list[Row]:
    """Of rows whose fifth column says how much they weigh, the first ones that one transaction may remove."""
    rows: list[Row] = []
    total = 0
    for row in found:
        total += row[4]
        if rows and total > BATCH_BYTES:
            break
        rows.append(row)
    return rows


def _wait(turn: Turn) -> None:
    """Waits before it holds any row, so that nobody waits in a circle."""
    oldest = turn.row(_OLDEST, {})
    if oldest is not None:
        turn.rows(_PATIENTLY, {"patience": PATIENCE})
        turn.rows(_WAIT, {"lock": lock_number(oldest[0])})


def _clear(turn: Turn, rows: int) -> list[Row]:
    due = batch(turn.rows(_DUE, {"rows": rows}))
    ours = _shared(turn, {row[0] for row in due})
    due = [row for row in due if row[0] in ours]
    if not due:
        return due
    oldest_ms = turn.tell_time() - REMEMBERED_MS
    for statement, names in [
        (_EMPTY, [row[:2] for row in due if row[2] > oldest_ms]),
        (_DROP, [row[:2] for row in due if row[2] <= oldest_ms]),
    ]:
        if names:
            values: Values = {}
            turn.count(statement.format(names=pairs(values, names)), values)
    chunks.release(turn, [row[6] for row in due if row[5]])
    _count_less(turn, Counter(row[0] for row in due), due)
    return due


def _shared(turn: Turn, users: set[str]) -> set[str]:
    if not turn.dialect.locks_rows or not users:
        return users
    names = sorted(users)
    values: Values = {"users": names, "locks": [lock_number(user) for user in names]}
    return {row[0] for row in turn.rows(_SHARED, values)}


def _count_less(turn: Turn, memories: Counter[str], due: list[Row]) -> None:
    """Subtracts from the usage of those whose usage is counted, in the order of their names."""
    values: Values = {}
    counted = [row[0] for row in turn.rows(_COUNTED.format(users=listed(values, "u", [*memories])), values)]
    if not counted:
        return
    size: Counter[str] = Counter()
    for row in due:
        size[row[0]] += row[3]
    values = {}
    for number, user in enumerate(counted):
        values |= {f"u{number}": user, f"m{number}": memories[user], f"b{number}": size[user]}
    rows = ", ".join(
        f"(CAST(%(u{n})s AS text), CAST(%(m{n})s AS bigint), CAST(%(b{n})s AS bigint))"
        for n in range(len(counted))
    )
    turn.count(_LESS.format(rows=rows), values)
