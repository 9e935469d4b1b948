"""`many`: a user's operations in one transaction, each of which fails alone."""

import contextlib
import sqlite3
from collections.abc import Sequence

from stash_memory.backends.base import Delete, Get, OldOperation, Put, Result, Update
from stash_memory.backends.sqlite import bodies, buckets, chunks, records
from stash_memory.backends.sqlite.bodies import Stored
from stash_memory.backends.sqlite.connections import Connections
from stash_memory.backends.sqlite.transactions import Transaction
from stash_memory.bucket import Spend
from stash_memory.errors import RateLimited, StashError, StoreFull, StoreUnavailable


def do(
    connections: Connections, user: str, operations: Sequence[OldOperation], spend: Spend | None
) -> tuple[list[Result], int]:
    """Does as many as `spend` grants; their results, and how many chunks were written.

    Large bodies are written before the transaction, whatever their conditions: an operation earlier in the
    batch may change what those look at.
    """
    granted = len(operations)
    sizes = [bodies.size_of(_body(operation) or ()) for operation in operations]
    if any(size > bodies.INLINE_BYTES for size in sizes) and spend is not None and spend.bucket is None:
        with Transaction(connections) as turn:
            _charge(turn, user, spend)
    if spend is not None and spend.bucket is not None:
        granted = spend.bucket.granted
    stored: list[Stored | None] = []
    try:
        for operation, size in zip(operations[:granted], sizes, strict=False):
            body = _body(operation)
            stored.append(None if body is None else chunks.store(connections, body, size))
        with Transaction(connections) as turn:
            _charge(turn, user, spend)
            if spend is not None and spend.bucket is not None:
                granted = spend.bucket.granted
            results = [
                _result(connections, turn, user, operation, body)
                for operation, body in zip(operations[:granted], stored, strict=False)
            ]
    finally:
        for left in stored:
            if left is not None and left.chunks:
                chunks.discard(connections, left.version)
    if spend is not None and spend.bucket is not None:
        retry_ms = spend.bucket.retry_after_ms
        results += [RateLimited(retry_ms) for _ in operations[granted:]]
    return results, sum(body.chunks for body in stored if body)


def _charge(turn: Transaction, user: str, spend: Spend | None) -> None:
    # With no token left at all, too, each operation is refused by itself.
    with contextlib.suppress(RateLimited):
        buckets.charge(turn, user, spend, some=True)


def read(connections: Connections, user: str, operations: Sequence[Get]) -> list[Result]:
    """Does gets alone, on one state of the file and without keeping a writer waiting."""
    return connections.read(lambda db: _read(connections, db, user, operations))


def _read(
    connections: Connections, db: sqlite3.Connection, user: str, operations: Sequence[Get]
) -> list[Result]:
    results: list[Result] = []
    db.execute("BEGIN")
    try:
        for get in operations:
            try:
                results.append(records.recall(connections, db, user, get.id, get.unless_version))
            except StashError as error:
                results.append(error)
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
    return results


def _body(operation: OldOperation) -> Sequence[bytes | bytearray | memoryview] | None:
    return operation.body if isinstance(operation, Put | Update) else None


def _result(
    connections: Connections, turn: Transaction, user: str, operation: OldOperation, body: Stored | None
) -> Result:
    try:
        return _act(connections, turn, user, operation, body)
    except (StoreFull, StoreUnavailable):
        raise
    except StashError as error:
        return error


def _act(
    connections: Connections, turn: Transaction, user: str, operation: OldOperation, body: Stored | None
) -> Result:
    match operation:
        case Get():
            return records.recall(connections, turn.db, user, operation.id, operation.unless_version)
        case Put():
            assert body is not None
            records.check_put(turn, user, operation, body.size)
            return records.put(turn, user, operation.id, body, operation.ttl_ms)
        case Update():
            return records.update(connections, turn, user, operation, body)
        case Delete():
            records.delete(turn, user, operation.id, operation.if_version)
            return None
