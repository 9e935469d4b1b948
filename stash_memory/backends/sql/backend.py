"""The SQL engine: each operation as one transaction that the law decides, or as one statement if that will do."""

import contextlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from stash_memory.backends.body import INLINE_BYTES
from stash_memory.backends.sql import chunks, listing, statements
from stash_memory.backends.sql.chunks import Stored
from stash_memory.backends.sql.clearing import Clearing
from stash_memory.backends.sql.database import Database, Desk, Turn, body_of, stored_values
from stash_memory.bucket import Bucket, Spend
from stash_memory.errors import RateLimited, StashError, StoreFull, StoreUnavailable
from stash_memory.law import Outcome, decide
from stash_memory.operations import Forget, Operation, Put, Recall, Result, Update
from stash_memory.records import Buffer, Page, Purged, Record, Totals, size_of


class Head(NamedTuple):
    """A record's row without its body, alive or expired. `cleared`: its body is gone, and it is its own tombstone."""

    expires_at_ms: int
    size: int
    version: str
    chunks: int
    cleared: bool


class SqlBackend:
    """A `stash_memory.backends.base.Backend` on a `database`, which knows the dialect. Threads may share it.

    Locks are taken in one order: bucket, user, record, large body, usage. Any method may raise StoreUnavailable, and
    those that write StoreFull.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._clearing = Clearing(database)

    def do(self, user: str, operations: Sequence[Operation], spend: Spend | None = None) -> list[Result]:
        """See Backend.do. Several are one transaction: if the store fails, none of them is applied."""
        if len(operations) != 1:
            return self._do_many(user, operations, spend) if operations else []
        operation = operations[0]
        try:
            if type(operation) is Recall and operation.at_least_ms is None:
                return [self._database.recall(user, operation, spend)]
            return [self._do_one(user, operation, spend)]
        except (StoreFull, StoreUnavailable):
            raise
        except StashError as error:
            # A traceback would keep this call's frames, and the bodies in them, for as long as the error.
            return [error.with_traceback(None)]

    def delete_prefix(self, user: str, prefix: str, *, spend: Spend | None = None) -> int:
        """See Backend.delete_prefix. Transactions of at most 1,000 records or 8 MB."""
        removed, cursor, first = 0, None, True

        def work(turn: Turn) -> tuple[int, str | None]:
            desk = self._database.enter(turn, user, spend, alone=True)
            gone = listing.remove(desk, prefix, cursor)
            self._database.leave(desk)
            return gone

        while first or cursor is not None:
            try:
                count, cursor = self._database.transact(work, spend)
            except StoreUnavailable as error:
                if removed:
                    error.applied = "unknown"
                raise
            removed, first = removed + count, False
            if cursor is not None:
                self._database.let_others()
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
        """See Backend.page. One SELECT; with a spend, one transaction. The cursor is the last shown id."""

        def work(turn: Turn) -> Page:
            self._database.charge(turn, user, spend)
            return listing.page(turn, user, prefix, cursor, limit)

        if spend is None or spend.bucket is not None:
            return self._database.read(work)
        return self._database.transact(work, spend)

    def spend(self, user: str, spend: Spend) -> Bucket:
        """See Backend.spend."""
        if spend.bucket is None:
            self._database.transact(lambda turn: self._database.charge(turn, user, spend), spend)
        assert spend.bucket is not None
        return spend.bucket

    def totals(self, user: str | None = None) -> Totals:
        """See Backend.totals. Counted from an index."""
        statement = statements.TOTALS if user is None else statements.TOTALS_OF_ONE
        [(memories, size)] = self._database.ask(statement, {"user": user})
        return Totals(memories, size)

    def purge(self, budget: int) -> Purged:
        """See Backend.purge. Transactions of at most 1,000 records or 8 MB, between which others write."""
        return self._clearing.purge(budget)

    def close(self) -> None:
        """See Backend.close. Afterwards every method raises StoreUnavailable."""
        self._database.close()

    def _do_one(self, user: str, operation: Operation, spend: Spend | None) -> Result:
        """One operation that may write, the chunks of a large body before it. Raises StashError."""
        database, body = self._database, body_of(operation)
        size = 0 if body is None else size_of(body)
        if size > INLINE_BYTES:
            # A refused body is not sent to the disk first.
            database.transact(lambda turn: self._check(turn, user, operation, size, spend), spend)
        stored = None if body is None else chunks.store(database, body, size)
        record = None
        if isinstance(operation, Put) and stored is not None and not stored.chunks:
            record = database.put_plainly(user, operation, stored, spend)
        if record is None:
            with chunks.discarded_if_loose(database, stored):
                record = database.transact(
                    lambda turn: self._act(turn, user, operation, stored, spend), spend
                )
        if not isinstance(operation, Forget):
            self._clearing.after_write(user, written_chunks=stored.chunks if stored else 0)
        return record

    def _check(self, turn: Turn, user: str, operation: Operation, size: int, spend: Spend | None) -> None:
        desk = self._enter(turn, user, operation, spend)
        self._decide(desk, operation, size)

    def _act(
        self, turn: Turn, user: str, operation: Operation, stored: Stored | None, spend: Spend | None
    ) -> Record | None:
        desk = self._enter(turn, user, operation, spend)
        record = self._perform(desk, operation, stored)
        self._database.leave(desk)
        return record

    def _enter(self, turn: Turn, user: str, operation: Operation, spend: Spend | None) -> Desk:
        if isinstance(operation, Forget):
            return self._database.enter(turn, user, spend)
        if body_of(operation) is None:
            # An extension changes nothing that is counted.
            self._database.charge(turn, user, spend)
            return Desk(self._database, turn, user, None)
        bounds = operation.bounds
        # Alone when creating comes to an end: nobody is told so before every created record is there to be seen.
        ends = bounds.create_before_ms is not None
        return self._database.enter(turn, user, spend, capped=bounds.caps is not None, alone=ends)

    def _do_many(self, user: str, operations: Sequence[Operation], spend: Spend | None) -> list[Result]:
        """Several operations in one transaction, each of which fails alone.

        Large bodies are written before the transaction, whatever their conditions: an operation earlier in the batch
        may change what those look at.
        """
        database = self._database
        bodies = [body_of(operation) for operation in operations]
        sizes = [0 if body is None else size_of(body) for body in bodies]
        reads_only = all(isinstance(op, Recall) and op.at_least_ms is None for op in operations)
        if reads_only and spend is None:
            return database.read(lambda turn: database.recall_many(turn, user, operations))  # type: ignore[arg-type]
        if any(size > INLINE_BYTES for size in sizes) and spend is not None:
            database.transact(lambda turn: self._charge_some(turn, user, spend), spend)
        written: list[Stored | None] = []
        with contextlib.ExitStack() as loose:
            for body, size in zip(bodies[: _granted(operations, spend)], sizes, strict=False):
                stored = None if body is None else chunks.store(database, body, size)
                loose.enter_context(chunks.discarded_if_loose(database, stored))
                written.append(stored)
            results = database.transact(
                lambda turn: self._act_many(turn, user, operations, written, spend), spend
            )
        for stored, result in zip(written, results, strict=False):
            if stored is not None and stored.chunks and isinstance(result, StashError):
                chunks.discard(database, stored.version)
        if not reads_only:
            chunk_count = sum(stored.chunks for stored in written if stored is not None)
            self._clearing.after_write(user, len(operations), chunk_count)
        retry_ms = 0 if spend is None or spend.bucket is None else spend.bucket.retry_after_ms
        return results + [RateLimited(retry_ms) for _ in operations[len(results) :]]

    def _act_many(
        self,
        turn: Turn,
        user: str,
        operations: Sequence[Operation],
        written: Sequence[Stored | None],
        spend: Spend | None,
    ) -> list[Result]:
        self._charge_some(turn, user, spend)
        granted = operations[: _granted(operations, spend)]
        if all(isinstance(op, Recall) and op.at_least_ms is None for op in granted):
            return self._database.recall_many(turn, user, granted)  # type: ignore[arg-type]
        capped = any(isinstance(op, Put | Update) and op.bounds.caps is not None for op in granted)
        desk = self._database.enter(turn, user, spend, capped=capped, alone=True)
        results: list[Result] = []
        for operation, stored in zip(granted, written, strict=False):
            try:
                results.append(self._perform(desk, operation, stored))
            except (StoreFull, StoreUnavailable):
                raise
            except StashError as error:
                results.append(error.with_traceback(None))
        self._database.leave(desk)
        return results

    def _charge_some(self, turn: Turn, user: str, spend: Spend | None) -> None:
        # With no token left at all, each operation is refused by itself.
        with contextlib.suppress(RateLimited):
            self._database.charge(turn, user, spend, some=True)

    def _decide(self, desk: Desk, operation: Operation, size: int) -> tuple[Head | None, Outcome]:
        """The operation's row, locked until the transaction ends, and its outcome. Raises what forbids it."""
        row = self._database.head(desk.turn, desk.user, operation.id)
        head = None if row is None else Head(*row)
        return head, decide(operation, head, desk.turn.now_ms, desk, size)

    def _perform(self, desk: Desk, operation: Operation, stored: Stored | None) -> Record | None:
        """Does the operation, whose body is `stored` by now; the row that it writes is locked. Raises StashError."""
        turn, user = desk.turn, desk.user
        if isinstance(operation, Recall) and operation.at_least_ms is None:
            return self._database.recall_in(turn, user, operation)
        while True:
            head, outcome = self._decide(desk, operation, 0 if stored is None else stored.size)
            if stored is None:
                break
            values = stored_values(user, operation.id, outcome.expires_at_ms, stored)
            values["created"] = outcome.created
            # If there was no row, another may have made one meanwhile: then all is decided again, on that one.
            if turn.count(statements.INSERT if head is None else statements.REPLACE, values):
                self._replaced(desk, head, stored)
                left_ms = outcome.expires_at_ms - turn.now_ms
                version, at_ms = stored.version, outcome.expires_at_ms
                return Record((), stored.size, version, at_ms, left_ms, outcome.created)
        assert head is not None
        if outcome.removed:
            turn.count(statements.DELETE, {"user": user, "id": operation.id})
            self._database.release_chunks(turn, [head.version] if head.chunks else [])
            desk.change(-1, -head.size)
            return None
        return self._extended(desk, operation.id, head, outcome)

    def _replaced(self, desk: Desk, head: Head | None, stored: Stored) -> None:
        chunks.hold(self._database, desk.turn, stored)
        if head is not None and head.chunks:
            self._database.release_chunks(desk.turn, [head.version])
        if head is None or head.cleared:
            desk.change(1, stored.size)
        else:
            desk.change(0, stored.size - head.size)

    def _extended(self, desk: Desk, id: str, head: Head, outcome: Outcome) -> Record:
        turn, name = desk.turn, {"user": desk.user, "id": id}
        if outcome.expires_at_ms != head.expires_at_ms:
            turn.count(statements.EXTEND, {**name, "expires_at_ms": outcome.expires_at_ms})
        body: Iterable[Buffer] = ()
        if outcome.reads and head.chunks:
            body = chunks.read_chunks(self._database, head.version, head.chunks)
        elif outcome.reads:
            [(inline,)] = turn.rows(statements.BODY, name)
            body = (inline or b"",)
        left_ms = outcome.expires_at_ms - turn.now_ms
        return Record(body, head.size, head.version, outcome.expires_at_ms, left_ms)


def _granted(operations: Sequence[Operation], spend: Spend | None) -> int:
    return len(operations) if spend is None or spend.bucket is None else spend.bucket.granted
