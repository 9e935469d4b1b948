"""Puts over pools: where an id is written to."""

from collections.abc import Sequence

from stash_memory.backends.base import Backend, Caps, Closed, Put, Record
from stash_memory.backends.pooled.figures import totals
from stash_memory.backends.pooled.stay import Stay
from stash_memory.bucket import Spend
from stash_memory.errors import PreconditionFailed


def put(stays: Sequence[Stay], user: str, put: Put, spend: Spend | None) -> tuple[Record, Stay]:
    """What came of it, and where: where the id lives, or else in the first stay that is not over. Raises Closed."""
    if len(stays) == 1:
        # The common case, straight on: by what follows a put would take 10 us more.
        record = stays[0].pool.put(
            user,
            put.id,
            put.body,
            put.ttl_ms,
            if_version=put.if_version,
            if_absent=put.if_absent,
            create_before_ms=earlier(stays[0].until_ms, put.create_before_ms),
            spend=spend,
            caps=put.caps,
        )
        return record, stays[0]
    for stay in stays:
        here = put._replace(
            caps=left_beside(stay.pool, stays, user, put.caps),
            create_before_ms=earlier(stay.until_ms, put.create_before_ms),
        )
        try:
            return stay.pool.put(user, **here._asdict(), spend=spend), stay
        except PreconditionFailed as error:
            # A traceback would keep the frames of this, and the body in them, until the garbage is collected.
            failed = error.with_traceback(None)
            # A version is one pool's alone, so another may have it; an id that must not be there was found.
            if put.if_version is None and not isinstance(failed, Closed):
                break
    raise failed


def earlier(one_ms: int | None, other_ms: int | None) -> int | None:
    """The earlier of two instants, of which None never comes."""
    if one_ms is None or other_ms is None:
        return other_ms if one_ms is None else one_ms
    return min(one_ms, other_ms)


def left_beside(pool: Backend, stays: Sequence[Stay], user: str, caps: Caps | None) -> Caps | None:
    """The caps for a write to `pool`, less what the user keeps in the others: below zero where that is too much."""
    others = {id(stay.pool): stay.pool for stay in stays if stay.pool is not pool}.values()
    if caps is None or caps == Caps() or not others:
        return caps
    kept = totals([*others], user)
    return Caps(
        None if caps.memories is None else caps.memories - kept.memories,
        None if caps.bytes is None else caps.bytes - kept.bytes,
    )
