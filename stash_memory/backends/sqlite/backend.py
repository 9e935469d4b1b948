"""The backend: each method of the contract as one transaction, or as one statement where that will do."""

import os
import time
from collections.abc import Callable, Sequence
from typing import cast

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
from stash_memory.backends.sqlite import batches, bodies, buckets, chunks, listing, records
from stash_memory.backends.sqlite.clearing import Clearing
from stash_memory.backends.sqlite.connections import Connections
from stash_memory.backends.sqlite.patience import let_others
from stash_memory.backends.sqlite.transactions import Transaction, Turn
from stash_memory.bucket import Bucket, Spend

_TOTALS = "SELECT count(*), coalesce(sum(size), 0) FROM memories WHERE expires_at > ?"


class SqliteBackend(Bridged):
    """A `stash_memory.backends.base.Backend` in the file at `path`, for many threads and processes.

    `clock` gives nanoseconds since the epoch. The file is opened at the first use, and made where it is not:
    it and its folder for its owner alone. An acknowledged write survives the death of the process (WAL,
    synchronous=NORMAL); a power cut may take the last ones. Any method may raise StoreUnavailable, and those
    that write StoreFull. Threads may share it, and so may a process with the children that it forks.
    """

    def __init__(self, path: str | os.PathLike[str], *, clock: Callable[[], int] = time.time_ns) -> None:
        self._connections = Connections(os.path.abspath(os.fspath(path)), clock)
        self._clearing = Clearing(self._connections)

    def get(
        self, user: str, id: str, *, spend: Spend | None = None, unless_version: str | None = None
    ) -> Record:
        """See Backend.get. One SELECT; with a spend, one write transaction."""
        if spend is None or spend.bucket is not None:
            return self._connections.look_up(
                lambda db: records.recall(self._connections, db, user, id, unless_version)
            )
        with Transaction(self._connections) as turn:
            buckets.charge(turn, user, spend)
            return records.recall(self._connections, turn.db, user, id, unless_version)

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
        size = bodies.size_of(body)
        put = Put(id, body, ttl_ms, if_version, if_absent, caps, create_before_ms)
        free = if_version is None and not if_absent and caps is None and create_before_ms is None
        if free and spend is None and size <= bodies.INLINE_BYTES:
            stored = chunks.store(self._connections, body, size)
            with Turn(self._connections) as turn:
                record = records.put(turn, user, id, stored, ttl_ms)
            self._clearing.after_write(user)
            return record
        if size > bodies.INLINE_BYTES and not (free and spend is None):
            with Transaction(self._connections) as before:
                buckets.charge(before, user, spend)
                records.check_put(before, user, put, size)
        stored = chunks.store(self._connections, body, size)
        with chunks.discarded_if_loose(self._connections, stored), Transaction(self._connections) as act:
            buckets.charge(act, user, spend)
            records.check_put(act, user, put, size)
            record = records.put(act, user, id, stored, ttl_ms)
        self._clearing.after_write(user, written_chunks=stored.chunks)
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
        size = bodies.size_of(body or ())
        if size > bodies.INLINE_BYTES:
            with Transaction(self._connections) as before:
                buckets.charge(before, user, spend)
                records.check_update(before, user, update, size)
        stored = None if body is None else chunks.store(self._connections, body, size)
        with chunks.discarded_if_loose(self._connections, stored), Transaction(self._connections) as act:
            buckets.charge(act, user, spend)
            record = records.update(self._connections, act, user, update, stored)
        self._clearing.after_write(user, written_chunks=stored.chunks if stored else 0)
        return record

    def delete(
        self, user: str, id: str, *, if_version: str | None = None, spend: Spend | None = None
    ) -> None:
        """See Backend.delete."""
        with Transaction(self._connections) as turn:
            buckets.charge(turn, user, spend)
            records.delete(turn, user, id, if_version)

    def delete_prefix(self, user: str, prefix: str, *, spend: Spend | None = None) -> int:
        """See Backend.delete_prefix. Transactions of at most 1,000 records or 8 MB."""
        removed, cursor, first = 0, None, True
        while first or cursor is not None:
            with Transaction(self._connections) as turn:
                buckets.charge(turn, user, spend)
                count, cursor = listing.remove(turn, user, prefix, cursor)
            removed, first = removed + count, False
            if cursor is not None:
                let_others()
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
        """See Backend.page. The cursor is the id that was shown last."""
        if spend is None or spend.bucket is not None:
            now_ms = self._now_ms()
            return self._connections.read(lambda db: listing.page(db, now_ms, user, prefix, cursor, limit))
        with Transaction(self._connections) as turn:
            buckets.charge(turn, user, spend)
            return listing.page(turn.db, turn.now_ms, user, prefix, cursor, limit)

    def many(
        self, user: str, operations: Sequence[OldOperation], *, spend: Spend | None = None
    ) -> list[Result]:
        """See Backend.many. One transaction: when the store fails, none of the operations is applied."""
        if not operations:
            return []
        if spend is None and all(isinstance(operation, Get) for operation in operations):
            return batches.read(self._connections, user, cast("Sequence[Get]", operations))
        results, written_chunks = batches.do(self._connections, user, operations, spend)
        self._clearing.after_write(user, len(operations), written_chunks)
        return results

    def spend(self, user: str, spend: Spend) -> Bucket:
        """See Backend.spend."""
        if spend.bucket is None:
            with Transaction(self._connections) as turn:
                buckets.charge(turn, user, spend)
        assert spend.bucket is not None
        return spend.bucket

    def totals(self, user: str | None = None) -> Totals:
        """See Backend.totals. Counted from an index: 1,000,000 records take about 0.1 s, and nobody waits."""
        of_one = "" if user is None else " AND user = ?"
        values = (self._now_ms(), user)[: 1 + bool(of_one)]
        return self._connections.read(lambda db: Totals(*db.execute(_TOTALS + of_one, values).fetchone()))

    def purge(self, budget: int) -> Purged:
        """See Backend.purge. Transactions of at most 1,000 records or 8 MB."""
        return self._clearing.purge(budget)

    def close(self) -> None:
        """Closes every connection of this process; afterwards all methods raise StoreUnavailable."""
        self._connections.close()

    def _now_ms(self) -> int:
        return self._connections.clock() // 1_000_000
