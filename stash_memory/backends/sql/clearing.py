"""Clearing: expired records leave in small batches, a few with the writes and all in a purge."""

import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable

from stash_memory.backends.sql import chunks, statements
from stash_memory.backends.sql.database import Database, Row, Turn, Values
from stash_memory.errors import StashError
from stash_memory.law import REMEMBERED, REMEMBERED_MS
from stash_memory.records import Purged

# One write in 32 clears up to 64 rows, so that expired records never outrun written ones.
EVERY = 32
# The most bytes of bodies that one transaction removes: 8 MB take 5 ms.
BATCH_BYTES = 8 << 20
# A user's tombstones are looked over once for about so many new ones.
TRIM_EVERY = 64
# A batch should take a third of what a writer may have to wait for another's transaction.
SECONDS = 0.05
FIRST, LEAST = 128, 8


class Pace:
    """How many rows the next batch takes, at most `most`: fewer after a slow one, more after quick ones."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.rows = min(FIRST, most)

    def took(self, rows: int, seconds: float) -> None:
        """Learns from a batch of so many rows."""
        if seconds > SECONDS:
            self.rows = max(LEAST, min(self.rows, int(rows * SECONDS / seconds)))
        elif rows >= self.rows and 2 * seconds < SECONDS:
            self.rows = min(2 * self.rows, self._most)


class Clearing:
    """The clearing of one process. A record that expired within 24 hours leaves a tombstone."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Random, for processes that live for one write only.
        self._writes = random.randrange(EVERY)  # noqa: S311

    def after_write(self, user: str, rows: int = 1, written_chunks: int = 0) -> None:
        """Clears a few expired records, once in 32 written rows: up to two for each, and as many chunks.

        Raises nothing of the store.
        """
        self._writes += rows
        if self._writes < EVERY and not written_chunks:
            return
        owed, self._writes = 2 * max(self._writes, EVERY), 0
        with contextlib.suppress(StashError):
            while owed > 0 and (cleared := self._database.clear(user, owed)[0]):
                owed -= cleared
            owed = 2 * written_chunks or 1
            while owed > 0 and (erased := chunks.sweep(self._database)) is not None:
                owed -= max(1, erased)

    def purge(self, budget: int) -> Purged:
        """Clears about `budget` expired records, and then everything else that time has emptied."""
        database, memories, size = self._database, 0, 0
        while memories < budget:
            count, freed = database.clear(None, budget - memories)
            if not count:
                break
            memories, size = memories + count, size + freed
            database.let_others()
        more = database.any_due()
        while chunks.sweep(database) is not None:
            database.let_others()
        for statement in (database.old_tombstones, statements.FULL_BUCKETS, statements.UNUSED_USAGE):
            in_batches(database, statement, {"remembered_ms": REMEMBERED_MS}, Pace(database.batch_rows))
        return Purged(memories, size, more)


def trim_tombstones(database: Database, came: Counter[str]) -> None:
    """Forgets all but a user's newest 1,000 tombstones: the more of them came, the more likely."""
    for user, count in came.items():
        if random.random() * TRIM_EVERY >= count:  # noqa: S311
            continue
        for expires_at_ms, name in database.ask(statements.OLDEST_KEPT, {"user": user, "kept": REMEMBERED}):
            values = {"user": user, "expires_at_ms": expires_at_ms, "id": name}
            in_batches(database, statements.SURPLUS_TOMBSTONES, values, Pace(database.batch_rows))


def in_batches(database: Database, statement: str, values: Values, pace: Pace) -> None:
    """Runs the statement at that pace until it finds less than it may take; each run is a transaction."""
    while True:
        rows, began = pace.rows, time.monotonic()
        count = database.act(_counting(statement, {**values, "rows": rows}))
        pace.took(count, time.monotonic() - began)
        if count < rows:
            return
        database.let_others()


def _counting(statement: str, values: Values) -> Callable[[Turn], int]:
    return lambda turn: turn.count(statement, values)


def first_batch(found: list[Row]) -> list[Row]:
    """The first rows that one transaction may remove, at least one; the fifth column is a row's weight in bytes."""
    rows: list[Row] = []
    total = 0
    for row in found:
        total += row[4]
        if rows and total > BATCH_BYTES:
            break
        rows.append(row)
    return rows
