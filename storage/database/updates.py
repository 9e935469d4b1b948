"""Updates: one transaction, and the chunks of a large body before it."""

from stash_memory.backends.base import Record, Update
from stash_memory.bucket import Spend
from storage.database import bodies, buckets, chunks, records
from storage.database.bodies import Stored
from storage.database.database import Database
from storage.database.turn import Turn
from storage.database.usage import Usage


def do(database: Database, user: str, update: Update, spend: Spend | None) -> tuple[Record, int]:
    """Does `update`; its answer, and how many chunks were written. Raises what forbids it, and RateLimited."""
    size = bodies.size_of(update.body or ())
    if size > bodies.INLINE_BYTES:
        database.transact(lambda turn: _check(turn, user, update, size, spend), spend)
    stored = None if update.body is None else chunks.store(database, update.body, size)
    with chunks.discarded_if_loose(database, stored):
        record = database.transact(lambda turn: _act(database, turn, user, update, stored, spend), spend)
    return record, stored.chunks if stored else 0


def _check(turn: Turn, user: str, update: Update, size: int, spend: Spend | None) -> None:
    usage = _enter(turn, user, update, spend)
    usage.check(turn, update.caps, records.live(turn, user, update.id, update.if_version).size, size)


def _act(
    database: Database, turn: Turn, user: str, update: Update, stored: Stored | None, spend: Spend | None
) -> Record:
    usage = _enter(turn, user, update, spend)
    record = records.update(database, turn, usage, update, stored)
    usage.leave(turn)
    return record


def _enter(turn: Turn, user: str, update: Update, spend: Spend | None) -> Usage:
    if update.body is not None:
        return Usage.enter(turn, user, spend, capped=update.caps is not None)
    # An extension changes nothing that is counted.
    buckets.charge(turn, user, spend)
    return Usage(user, False)
