"""`many`: a user's operations in one transaction, each of which fails alone."""

import contextlib
from collections.abc import Sequence

from stash_memory.backends.base import Delete, Get, OldOperation, Put, Result, Update
from stash_memory.bucket import Spend
from stash_memory.errors import RateLimited, StashError, StoreFull, StoreUnavailable
from storage.database import bodies, buckets, chunks, records
from storage.database.bodies import Stored
from storage.database.database import Database
from storage.database.turn import Turn, Values, listed
from storage.database.usage import Usage

_RECALL = records.RECALL.replace("id = %(id)s", "id IN {ids}").replace("SELECT", "SELECT id,", 1)


def do(
    database: Database, user: str, operations: Sequence[OldOperation], spend: Spend | None
) -> tuple[list[Result], int]:
    """Does as many as `spend` grants; their results, and how many chunks were written.

    Large bodies are written before the transaction, whatever their conditions: an operation earlier in the
    batch may change what those look at.
    """
    sizes = [bodies.size_of(_body(operation) or ()) for operation in operations]
    if any(size > bodies.INLINE_BYTES for size in sizes) and spend is not None:
        database.transact(lambda turn: _charge(turn, user, spend), spend)
    written: list[Stored | None] = []
    with contextlib.ExitStack() as loose:
        for operation, size in zip(operations[: _granted(operations, spend)], sizes, strict=False):
            body = _body(operation)
            stored = None if body is None else chunks.store(database, body, size)
            loose.enter_context(chunks.discarded_if_loose(database, stored))
            written.append(stored)
        results = database.transact(
            lambda turn: _transaction(database, turn, user, operations, written, spend), spend
        )
    large = [stored for stored in written if stored is not None and stored.chunks]
    for stored, result in zip(written, results, strict=False):
        if stored is not None and stored.chunks and isinstance(result, StashError):
            chunks.discard(database, stored.version)
    if spend is not None and spend.bucket is not None:
        retry_ms = spend.bucket.retry_after_ms
        results += [RateLimited(retry_ms) for _ in operations[len(results) :]]
    return results, sum(stored.chunks for stored in large)


def _transaction(
    database: Database,
    turn: Turn,
    user: str,
    operations: Sequence[OldOperation],
    written: list[Stored | None],
    spend: Spend | None,
) -> list[Result]:
    _charge(turn, user, spend)
    granted = operations[: _granted(operations, spend)]
    if not granted or all(isinstance(operation, Get) for operation in granted):
        return recall(database, turn, user, [get for get in granted if isinstance(get, Get)])
    capped = any(isinstance(op, Put | Update) and op.caps is not None for op in granted)
    usage = Usage.enter(turn, user, spend, capped=capped, alone=True)
    results = [
        _result(database, turn, usage, operation, body)
        for operation, body in zip(granted, written, strict=False)
    ]
    usage.leave(turn)
    return results


def recall(database: Database, turn: Turn, user: str, gets: Sequence[Get]) -> list[Result]:
    """Does gets alone, in one statement. A body is read unless everyone who asks for it has it."""
    if not gets:
        return []
    asked: dict[str, set[str | None]] = {}
    for get in gets:
        asked.setdefault(get.id, set()).add(get.unless_version)
    spared = [version for versions in asked.values() if len(versions) == 1 for version in versions if version]
    values: Values = {"user": user}
    statement = _RECALL.replace("= %(unless)s", f"IN {listed(values, 'v', spared or [''])}")
    statement = statement.replace("{ids}", listed(values, "i", [*asked]))
    rows = {row[0]: row[1:] for row in turn.rows(statement, values)}
    results: list[Result] = []
    for get in gets:
        row = rows.get(get.id)
        try:
            has_it = row is not None and row[3] == get.unless_version
            results.append(records.recalled(database, row, spared=has_it))
        except StashError as error:
            results.append(error)
    return results


def _charge(turn: Turn, user: str, spend: Spend | None) -> None:
    # With no token left at all, too, each operation is refused by itself.
    with contextlib.suppress(RateLimited):
        buckets.charge(turn, user, spend, some=True)


def _granted(operations: Sequence[OldOperation], spend: Spend | None) -> int:
    return len(operations) if spend is None or spend.bucket is None else spend.bucket.granted


def _body(operation: OldOperation) -> Sequence[bytes | bytearray | memoryview] | None:
    return operation.body if isinstance(operation, Put | Update) else None


def _result(
    database: Database, turn: Turn, usage: Usage, operation: OldOperation, body: Stored | None
) -> Result:
    try:
        match operation:
            case Get():
                return records.recall(database, turn, usage.user, operation.id, operation.unless_version)
            case Put():
                assert body is not None
                return records.put(turn, usage, operation, body)
            case Update():
                return records.update(database, turn, usage, operation, body)
            case Delete():
                records.delete(turn, usage, operation.id, operation.if_version)
                return None
    except (StoreFull, StoreUnavailable):
        raise
    except StashError as error:
        return error
