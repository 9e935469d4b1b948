"""Puts: the plain ones in one statement, the others in one transaction, large bodies before it."""

from stash_memory.backends.base import Put, Record
from stash_memory.bucket import Spend
from storage.database import bodies, buckets, chunks, plain, records
from storage.database.bodies import Stored
from storage.database.database import Database
from storage.database.turn import Turn
from storage.database.usage import Usage


def do(database: Database, user: str, put: Put, spend: Spend | None) -> tuple[Record, int]:
    """Does `put`; its answer, and how many chunks were written. Raises what forbids it, and RateLimited."""
    size = bodies.size_of(put.body)
    if size > bodies.INLINE_BYTES:
        database.transact(lambda turn: _check(turn, user, put, size, spend), spend)
    stored = chunks.store(database, put.body, size)
    if _is_plain(database, put, stored, spend):
        record = database.act(lambda turn: plain.put(turn, user, put, stored, spend))
        if record is not None:
            return record, 0
    with chunks.discarded_if_loose(database, stored):
        record = database.transact(lambda turn: _act(turn, user, put, stored, spend), spend)
    return record, stored.chunks


def _is_plain(database: Database, put: Put, stored: Stored, spend: Spend | None) -> bool:
    if stored.chunks or put.if_version is not None or put.caps is not None:
        return False
    if put.create_before_ms is not None:
        return False
    return spend is None or spend.bucket is not None or buckets.in_one_statement(spend, database.dialect)


def _check(turn: Turn, user: str, put: Put, size: int, spend: Spend | None) -> None:
    usage = Usage.enter(turn, user, spend, capped=put.caps is not None)
    records.check_put(turn, usage, put, size)


def _act(turn: Turn, user: str, put: Put, stored: Stored, spend: Spend | None) -> Record:
    # Alone where creating comes to an end: nobody is told so before all that were created are there to be seen.
    ends = put.create_before_ms is not None
    usage = Usage.enter(turn, user, spend, capped=put.caps is not None, alone=ends)
    record = records.put(turn, usage, put, stored)
    usage.leave(turn)
    return record
