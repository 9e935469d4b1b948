"""The backend: each method of the contract as one statement, or as one transaction that locks what it decides on."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from stash_memory.backends.base import (
    Buffer,
    Caps,
    Get,
    OldOperation,
    Page,
    Purged,
    Put,
    Record,
    Result,
    Totals,
    Update,
)
from stash_memory.backends.bridged import Bridged
from stash_memory.bucket import Bucket, Spend
from stash_memory.errors import MemoryExpired, StoreUnavailable
from storage.database import batches, buckets, listing, puts, records, updates
from storage.database.clearing import Clearing
from storage.database.database import Database
from storage.database.turn import Turn
from storage.database.usage import Usage

_TOTALS = (
    "SELECT count(*), CAST(COALESCE(sum(size), 0) AS bigint) FROM memories_record"
    " WHERE NOT cleared AND expires_at_ms > (SELECT {now_ms})"
)


class DatabaseBackend(Bridged):
    """A `stash_memory.backends.base.Backend` in the tables of a Django database, by its alias.

    Its tables are this app's; `migrate` makes them. On PostgreSQL the clock is the server's, and a write that was
    acknowledged is as durable as the server makes it; on SQLite the machine's, or `clock` (nanoseconds since the
    epoch). Threads may share it. Locks are taken in one order: bucket, user, record, large body, usage. Inside a
    transaction of the caller's, all happens within that. Any method may raise StoreUnavailable, and those that
    write StoreFull. Raises ValueError for a database that is neither.
    """

    def __init__(self, using: str = "default", *, clock: Callable[[], int] = time.time_ns) -> None:
        self._database = Database(using, clock)
        self._clearing = Clearing(self._database)

    def get(
        self, user: str, id: str, *, spend: Spend | None = None, unless_version: str | None = None
    ) -> Record:
        """See Backend.get. One statement; on SQLite with a spend, one transaction."""
        values = {"user": user, "id": id, "unless": unless_version}
        if buckets.in_one_statement(spend, self._database.dialect):
            paid = spend
            row = self._database.act(lambda turn: buckets.pay(turn, user, paid, records.PAID_RECALL, values))
            # What had expired may have been extended while this waited for the bucket.
            with suppress(MemoryExpired):
                return records.recalled(self._database, row)
        if spend is None or spend.bucket is not None:
            found = self._database.ask(records.RECALL, values)
            return records.recalled(self._database, found[0] if found else None)

        def work(turn: Turn) -> Record:
            buckets.charge(turn, user, spend)
            return records.recall(self._database, turn, user, id, unless_version)

        return self._database.transact(work, spend)

    def put(
        self,
        user: str,
        id: str,
        body: Sequence[Buffer],
        ttl_ms: int,
        *,
        if_version: str | None = None,
        if_absent: bool = False,
        create_before_ms: int | None = None,
        spend: Spend | None = None,
        caps: Caps | None = None,
    ) -> Record:
        """See Backend.put. One statement where nothing is to be decided first."""
        put = Put(id, body, ttl_ms, if_version, if_absent, caps, create_before_ms)
        record, written_chunks = puts.do(self._database, user, put, spend)
        self._clearing.after_write(written_chunks=written_chunks)
        return record

    def update(
        self,
        user: str,
        id: str,
        *,
        body: Sequence[Buffer] | None = None,
        extra_ms: int | None = None,
        at_least_ms: int | None = None,
        max_ttl_ms: int,
        if_version: str | None = None,
        spend: Spend | None = None,
        caps: Caps | None = None,
    ) -> Record:
        """See Backend.update. One transaction; before it, the chunks of a large body."""
        update = Update(id, body, extra_ms, at_least_ms, max_ttl_ms, if_version, caps)
        record, written_chunks = updates.do(self._database, user, update, spend)
        self._clearing.after_write(written_chunks=written_chunks)
        return record

    def delete(
        self, user: str, id: str, *, if_version: str | None = None, spend: Spend | None = None
    ) -> None:
        """See Backend.delete. One transaction."""

        def work(turn: Turn) -> None:
            usage = Usage.enter(turn, user, spend)
            records.delete(turn, usage, id, if_version)
            usage.leave(turn)

        self._database.transact(work, spend)

    def delete_prefix(self, user: str, prefix: str, *, spend: Spend | None = None) -> int:
        """See Backend.delete_prefix. Transactions of at most 1,000 records or 8 MB."""
        removed, cursor, first = 0, None, True

        def work(turn: Turn) -> tuple[int, str | None]:
            usage = Usage.enter(turn, user, spend, alone=True)
            removed = listing.remove(turn, usage, prefix, cursor)
            usage.leave(turn)
            return removed

        while first or cursor is not None:
            try:
                count, cursor = self._database.transact(work, spend)
            except StoreUnavailable as error:
                if removed:
                    error.applied = "unknown"
                raise
            removed, first = removed + count, False
            if cursor is not None:
                self._database.dialect.let_others()
        return removed

    def page(
        self,
        user: str,
        prefix: str = "",
        cursor: str | None = None,
        limit: int = 100,
        *,
        spend: Spend | None = None,
    ) -> Page:
        """See Backend.page. One SELECT; with a spend, one transaction. The cursor is the id that was shown last."""

        def work(turn: Turn) -> Page:
            buckets.charge(turn, user, spend)
            return listing.page(turn, user, prefix, cursor, limit)

        if spend is None or spend.bucket is not None:
            return self._database.read(work)
        return self._database.transact(work, spend)

    def many(
        self, user: str, operations: Sequence[OldOperation], *, spend: Spend | None = None
    ) -> list[Result]:
        """See Backend.many. One transaction: when the store fails, none of the operations is applied."""
        if not operations:
            return []
        gets = [operation for operation in operations if isinstance(operation, Get)]
        if spend is None and len(gets) == len(operations):
            return self._database.read(lambda turn: batches.recall(self._database, turn, user, gets))
        results, written_chunks = batches.do(self._database, user, operations, spend)
        if len(gets) < len(operations):
            self._clearing.after_write(len(operations), written_chunks)
        return results

    def spend(self, user: str, spend: Spend) -> Bucket:
        """See Backend.spend. One statement; a second one says when there will be a token."""
        if spend.bucket is None:
            self._database.transact(lambda turn: buckets.charge(turn, user, spend), spend)
        assert spend.bucket is not None
        return spend.bucket

    def totals(self, user: str | None = None) -> Totals:
        """See Backend.totals. Counted from an index."""
        of_one = "" if user is None else " AND user_id = %(user)s"
        [(memories, size)] = self._database.ask(_TOTALS + of_one, {"user": user})
        return Totals(memories, size)

    def purge(self, budget: int) -> Purged:
        """See Backend.purge. Transactions of at most 1,000 records or 8 MB, between which others write."""
        return self._clearing.purge(budget)

    def close(self) -> None:
        """Lets go of this thread's connection; afterwards all methods raise StoreUnavailable."""
        self._database.close()
