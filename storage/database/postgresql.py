"""PostgreSQL: the server's clock, rows that are locked one by one, and connections that may have died."""

import select
import time
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import Format

from storage.database.faults import Fault

# After this long unused, a connection is asked whether it lives before anything is sent that must not be repeated.
IDLE_SECONDS = 1.0
# More than any pool holds, and each of them may have died with the server.
TRIES = 1000

_CONFLICT = {"40001", "40P01"}
_SLOW = {"55P03", "57014", "25P03", "25P04"}
_LOST = {"57P01", "57P02", "57P03", "53300"}
_FULL = {"53100"}


class PostgreSQL:
    """See Dialect. Parameters and answers are sent in binary, so bodies travel as they are.

    A pool wants {"timeout": 1, "reconnect_timeout": 0}: by default it waits 30 seconds for a server that is down,
    and for one that is up again as long once more as it was down, up to minutes.
    """

    words = {
        "now_us": "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS bigint)",
        "now_ms": "(CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS bigint) / 1000)",
        "usage": "memories_usage_of(%(user)s, %(lock)s, %(alone)s)",
        "for_update": "FOR UPDATE",
        "skip_locked": "FOR UPDATE SKIP LOCKED",
    }

    locks_rows = True
    batch_rows = 1000

    def __init__(self) -> None:
        self._used: WeakKeyDictionary[Any, float] = WeakKeyDictionary()

    def connect(self, connection: BaseDatabaseWrapper) -> None:
        """See Dialect.connect. Whatever died while nobody used it is replaced."""
        for _ in range(TRIES):
            connection.ensure_connection()
            if self._lives(connection.connection):
                return
            connection.close()
        raise DatabaseError("No connection lives.")

    def let_go(self, connection: BaseDatabaseWrapper) -> None:
        """See Dialect.let_go. With a pool, the connection goes back to it."""
        if connection.connection is not None:
            self._used[connection.connection] = time.monotonic()
            connection.close()

    def let_others(self) -> None:
        """See Dialect.let_others. They do not wait."""

    def cursor(self, connection: BaseDatabaseWrapper) -> Any:
        """See Dialect.cursor. Django's own would write bodies into the statement, in hexadecimal."""
        cursor: Any = psycopg.Cursor(connection.connection)
        cursor.format = Format.BINARY
        if connection.queries_logged:
            return connection.make_debug_cursor(cursor)
        return connection.make_cursor(cursor)

    def fault(self, error: Exception) -> tuple[Fault, str]:
        """See Dialect.fault: by SQLSTATE, and without one it was the connection."""
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

    def _lives(self, connection: Any) -> bool:
        """What the server said to an idle connection is that it ended it. Looking costs 2 us, asking a round trip."""
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
