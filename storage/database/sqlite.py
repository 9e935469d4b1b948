"""SQLite through Django: the machine's clock, and one writer at a time."""

import sqlite3
import time
from collections.abc import Callable
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from storage.database.database import Fault
from storage.database.tables import ServiceDatabase

# A batch takes about 20 ms, and a writer that waits that long tries again within 25 ms: after a shorter pause one
# waited 3.5 s.
PAUSE_SECONDS = 0.03


class SQLite(ServiceDatabase):
    """See ServiceDatabase. Raises ValueError if transactions begin as readers: those cannot always become writers."""

    words = ServiceDatabase.words | {
        "now_us": "stash_now_us()",
        "now_ms": "(stash_now_us() / 1000)",
        "usage_of": "(SELECT memories, bytes FROM memories_usage WHERE user_id = %(user)s)",
        "for_update": "",
        "skip_locked": "",
    }
    batch_rows = 250

    def __init__(self, using: str, clock: Callable[[], int]) -> None:
        if connections[using].settings_dict["OPTIONS"].get("transaction_mode") != "IMMEDIATE":
            raise ValueError('On SQLite, memories need OPTIONS = {"transaction_mode": "IMMEDIATE"}.')
        super().__init__(using)
        self._clock = clock

    def connect(self, connection: BaseDatabaseWrapper) -> None:
        """See ServiceDatabase."""
        connection.ensure_connection()

    def let_go(self, connection: BaseDatabaseWrapper) -> None:
        """See ServiceDatabase. An open file keeps nobody waiting."""

    def let_others(self) -> None:
        """See Database."""
        time.sleep(PAUSE_SECONDS)

    def cursor(self, connection: BaseDatabaseWrapper) -> Any:
        """See ServiceDatabase. The clock is read inside the statement, when its turn has come."""
        connection.ensure_connection()
        raw, known = connection.connection, connection.__dict__
        if known.get("stash_clock") != (raw, self._clock):
            raw.create_function("stash_now_us", 0, lambda: self._clock() // 1000)
            known["stash_clock"] = (raw, self._clock)
        return connection.cursor()

    def fault(self, error: Exception) -> tuple[Fault, str]:
        """See ServiceDatabase."""
        code = getattr(error.__cause__, "sqlite_errorcode", None) or 0
        name = getattr(error.__cause__, "sqlite_errorname", None) or "SQLITE_ERROR"
        match code & 0xFF:
            case sqlite3.SQLITE_FULL:
                return Fault.FULL, name
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return Fault.SLOW, name
            case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN:
                return Fault.LOST, name
        return Fault.REFUSED, name
