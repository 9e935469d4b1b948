"""PostgreSQL: the server's clock, rows that are locked one by one, and connections that may have died.

Each user has an advisory lock. Who writes with caps, or writes several records, takes it alone; all others who add,
remove or resize that user's records share it. So a row of usage that is not there cannot come between the look for it
and the write, and nobody waits who pays for no cap.
"""

import select
import time
import zlib
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import Format

from stash_memory.backends.sql import statements
from stash_memory.backends.sql.database import Desk, Row, Turn, Values
from stash_memory.bucket import Bucket, Spend, take
from stash_memory.errors import MemoryExpired, StoreUnavailable
from stash_memory.operations import Recall
from stash_memory.records import Record
from storage.database.database import Fault
from storage.database.tables import PUT_INTO, PUT_OVER, ServiceDatabase

# After this long unused, a connection is asked whether it lives before anything is sent that must not be repeated.
IDLE_SECONDS = 1.0
# More than any pool holds, and each of them may have died with the server.
TRIES = 1000
# A purge waits this long for the lock of a user who has it alone: each write with caps does, for a moment.
PATIENCE = "1s"

_CONFLICT = {"40001", "40P01"}
_SLOW = {"55P03", "57014", "25P03", "25P04"}
_LOST = {"57P01", "57P02", "57P03", "53300"}
_FULL = {"53100"}

# One upsert, whose row lock puts the user's requests in order. The clock is read when the lock is held: once for
# the decision (WHERE), and once, a moment later, for the new state; the grant can only be larger by then.
_AVAILABLE = (
    "((%(burst)s * CAST(%(interval_us)s AS bigint) - GREATEST(bucket.full_at_us - {now}, 0))"
    " / %(interval_us)s)"
)
PAID = (
    (
        "WITH paid AS (INSERT INTO memories_bucket AS bucket (user_id, full_at_us, granted)"
        " VALUES (%(user)s, {now_us} + %(first)s * CAST(%(interval_us)s AS bigint), %(first)s)"
        " ON CONFLICT (user_id) DO UPDATE SET (full_at_us, granted) = ("
        "SELECT GREATEST(bucket.full_at_us, clock.now) + tokens.taken * %(interval_us)s, tokens.taken"
        " FROM (SELECT {now_us} AS now) AS clock,"
        " LATERAL (SELECT LEAST(%(cost)s, available_then) AS taken) AS tokens)"
        " WHERE available_now >= %(least)s RETURNING user_id, full_at_us, granted, {now_us} AS paid_us)"
    )
    .replace("available_then", _AVAILABLE.replace("{now}", "clock.now"))
    .replace("available_now", _AVAILABLE.replace("{now}", "{now_us}"))
)
# A paid statement begins with PAID, reads from `paid` first of all, and answers with this first of all.
RECEIPT = "paid.full_at_us, paid.granted, paid.paid_us"
PAID_ALONE = f"{PAID} SELECT {RECEIPT} FROM paid"  # noqa: S608
# It reads the row as it was when the statement began, which may have waited for the bucket since.
PAID_RECALL = (
    f"{PAID} SELECT {RECEIPT}, {statements.COLUMNS} FROM paid"  # noqa: S608
    " LEFT JOIN memories_record AS record ON record.user_id = paid.user_id AND record.id = %(id)s"
)
PAID_ENTER = (
    f"{PAID} SELECT {RECEIPT}, kept.memories, kept.bytes FROM paid"  # noqa: S608
    " LEFT JOIN LATERAL memories_usage_of(paid.user_id, %(lock)s, %(alone)s) AS kept ON TRUE"
)
PAID_PUT = (
    f"{PAID}, put AS ({PUT_INTO} FROM paid"  # noqa: S608
    f" WHERE NOT EXISTS (SELECT 1 FROM memories_usage_of(paid.user_id, %(lock)s, FALSE)){PUT_OVER})"
    f" SELECT {RECEIPT}, put.expires_at_ms, put.created FROM paid LEFT JOIN put ON TRUE"
)
# Users whose lock somebody has alone are left for the next time.
SHARED = (
    "SELECT who FROM unnest(CAST(%(users)s AS text[]), CAST(%(locks)s AS int[])) AS asked (who, lock_number)"
    " WHERE pg_try_advisory_xact_lock_shared(1400136051, lock_number)"
)
OLDEST = (
    "SELECT user_id FROM memories_record WHERE NOT cleared AND expires_at_ms <= (SELECT {now_ms})"
    " ORDER BY expires_at_ms LIMIT 1"
)
SET_PATIENCE = "SELECT set_config('lock_timeout', %(patience)s, TRUE)"
WAIT = "SELECT pg_advisory_xact_lock_shared(1400136051, %(lock)s)"


class PostgreSQL(ServiceDatabase):
    """See ServiceDatabase. Parameters and answers are sent in binary, so bodies travel as they are.

    A pool wants {"timeout": 1, "reconnect_timeout": 0}: by default it waits 30 seconds for a server that is down,
    and for one that is up again as long once more as it was down, up to minutes.
    """

    words = ServiceDatabase.words | {
        "now_us": "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS bigint)",
        "now_ms": "(CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS bigint) / 1000)",
        "usage_of": "memories_usage_of(%(user)s, %(lock)s, %(alone)s)",
        "for_update": "FOR UPDATE",
        "skip_locked": "FOR UPDATE SKIP LOCKED",
    }
    batch_rows = 1000

    def __init__(self, using: str) -> None:
        super().__init__(using)
        self._used: WeakKeyDictionary[Any, float] = WeakKeyDictionary()

    def connect(self, connection: BaseDatabaseWrapper) -> None:
        """See ServiceDatabase. Replaces a connection that died unused."""
        for _ in range(TRIES):
            connection.ensure_connection()
            if self._lives(connection.connection):
                return
            connection.close()
        raise DatabaseError("No connection lives.")

    def let_go(self, connection: BaseDatabaseWrapper) -> None:
        """See ServiceDatabase. With a pool, the connection goes back to it."""
        if connection.connection is not None:
            self._used[connection.connection] = time.monotonic()
            connection.close()

    def let_others(self) -> None:
        """See Database. Writers do not wait here."""

    def cursor(self, connection: BaseDatabaseWrapper) -> Any:
        """See ServiceDatabase. Django's own would write bodies into the statement, in hexadecimal."""
        cursor: Any = psycopg.Cursor(connection.connection)
        cursor.format = Format.BINARY
        if connection.queries_logged:
            return connection.make_debug_cursor(cursor)
        return connection.make_cursor(cursor)

    def fault(self, error: Exception) -> tuple[Fault, str]:
        """See ServiceDatabase. Without a SQLSTATE it was the connection."""
        cause = error.__cause__
        state = getattr(cause, "sqlstate", None) or ""
        if state in _CONFLICT:
            return Fault.CONFLICT, state
        if state in _SLOW:
            return Fault.SLOW, state
        if state in _FULL:
            return Fault.FULL, state
        if state in _LOST or state.startswith("08"):
            return Fault.LOST, state
        if not state and isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError | None):
            return Fault.LOST, state
        return Fault.REFUSED, state

    def charge(self, turn: Turn, user: str, spend: Spend | None, *, some: bool = False) -> None:
        """See Database. One statement; if it grants nothing, a second one tells when there will be a token."""
        if spend is not None and spend.bucket is None:
            self._pay(turn, user, spend, PAID_ALONE, {}, some=some)

    def entry(self, user: str, *, alone: bool = False) -> Values:
        """See ServiceDatabase."""
        return {"user": user, "lock": lock_number(user), "alone": alone}

    def enter(
        self, turn: Turn, user: str, spend: Spend | None, *, capped: bool = False, alone: bool = False
    ) -> Desk:
        """See Database. The token and the lock are one statement."""
        if spend is None or spend.bucket is not None:
            return super().enter(turn, user, spend, capped=capped, alone=alone)
        row = self._pay(turn, user, spend, PAID_ENTER, self.entry(user, alone=alone or capped))
        return self.counted(turn, user, None if row[0] is None else row, capped=capped)

    def recall(self, user: str, recall: Recall, spend: Spend | None) -> Record:
        """See Database. The token and the row are one statement."""
        if spend is not None and spend.bucket is None:
            paid = spend
            values = {"user": user, "id": recall.id, "unless": recall.unless_version}
            row = self.act(lambda turn: self._pay(turn, user, paid, PAID_RECALL, values))
            # A record that had expired may have been extended while this waited for the bucket.
            with suppress(MemoryExpired):
                return self.record(recall, row)
        return super().recall(user, recall, spend)

    def put_row(self, user: str, values: Values, spend: Spend | None) -> Row | None:
        """See ServiceDatabase. The token and the row are one statement."""
        if spend is None or spend.bucket is not None:
            return super().put_row(user, values, spend)
        return self.act(lambda turn: self._pay(turn, user, spend, PAID_PUT, values))

    def clear(self, user: str | None, rows: int) -> tuple[int, int]:
        """See Database. A purge that finds only busy users waits for the one whose record expired first."""
        cleared = self.clear_batch(rows)
        if user is None and not cleared[0]:
            with suppress(StoreUnavailable):
                return self.clear_batch(rows, _wait_for_oldest)
        return cleared

    def unlocked(self, turn: Turn, users: set[str]) -> set[str]:
        """See ServiceDatabase."""
        if not users:
            return users
        names = sorted(users)
        values: Values = {"users": names, "locks": [lock_number(user) for user in names]}
        return {row[0] for row in turn.rows(SHARED, values)}

    def _pay(
        self, turn: Turn, user: str, spend: Spend, statement: str, values: Values, *, some: bool = False
    ) -> Row:
        """Decides `spend` with a statement that it pays for, if it can; the rest of its answer.

        Raises RateLimited, having written nothing.
        """
        first = min(spend.cost, spend.burst) if some else spend.cost
        values = values | {
            "user": user,
            "burst": spend.burst,
            "interval_us": spend.interval_us,
            "cost": spend.cost,
            "first": first,
            "least": 1 if some else spend.cost,
        }
        while True:
            if 0 < first <= spend.burst:
                found = turn.row(statement, values)
                if found is not None:
                    full_at_us, granted, now_us, *rest = found
                    spend.settle(_bucket(full_at_us, granted, now_us, spend))
                    return tuple(rest)
            [(full_at_us, now_us)] = turn.rows(statements.BUCKET, {"user": user})
            _, bucket = take(full_at_us or 0, now_us, spend, some=some)
            # A token may have come back between the two statements.
            if not bucket.granted:
                spend.settle(bucket)

    def _lives(self, connection: Any) -> bool:
        """Whether it lives: a server speaks to an idle connection only to end it. A look costs 2 us."""
        # One that was never used, a pool may have opened long ago.
        used_at = self._used.get(connection, float("-inf"))
        poll = select.poll()
        try:
            poll.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
            if time.monotonic() - used_at < IDLE_SECONDS and not poll.poll(0):
                return True
            connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True


def lock_number(user: str) -> int:
    """The number of the user's lock: 32 bits, signed, the same in every process. Two users may share one."""
    number = zlib.crc32(user.encode())
    return number - (1 << 32) if number >= 1 << 31 else number


def _wait_for_oldest(turn: Turn) -> None:
    """Waits before it holds any row, so that nobody waits in a circle."""
    oldest = turn.row(OLDEST, {})
    if oldest is not None:
        turn.rows(SET_PATIENCE, {"patience": PATIENCE})
        turn.rows(WAIT, {"lock": lock_number(oldest[0])})


def _bucket(full_at_us: int, granted: int, now_us: int, spend: Spend) -> Bucket:
    """The outcome as `take` tells it, of a bucket from which `granted` were just taken."""
    interval_us = spend.interval_us
    missing_us = max(0, full_at_us - now_us)
    remaining = max(0, spend.burst - -(-missing_us // interval_us))
    retry_us = missing_us + interval_us - spend.burst * interval_us if granted < spend.cost else 0
    return Bucket(granted, remaining, -(-missing_us // 1000), max(0, -(-retry_us // 1000)))
