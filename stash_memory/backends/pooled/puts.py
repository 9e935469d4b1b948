"""Puts over pools: where an id is written to, and puts that came too late.

A process knows of a move before it happens; but a put may begin before that and take long: its body is large, or its
thread was left waiting. It may create an id in a pool that is closed by then. The pool's own clock tells.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from stash_memory.backends.pooled.pools import Stay, caps_beside
from stash_memory.bucket import Spend
from stash_memory.errors import PreconditionFailed
from stash_memory.law import Closed
from stash_memory.operations import Forget, Put, Result
from stash_memory.records import Record

# The user's stays as they are known now; None if the knowledge is so new that no move can be missing from it.
Renewed: TypeAlias = Callable[[], Sequence[Stay] | None]


def put_in_stays(stays: Sequence[Stay], user: str, put: Put, spend: Spend | None) -> tuple[Result, Stay]:
    """The put's result and its stay: where the id lives, else the first stay that is not over."""
    for stay in stays:
        caps = caps_beside(stay.pool, stays, user, put.bounds.caps)
        [result] = stay.pool.do(user, [closing(put, stay.until_ms, caps=caps)], spend)
        # Another pool may have that version; an id that must not be there was found.
        goes_on = isinstance(result, Closed) or put.if_version is not None
        if not (isinstance(result, PreconditionFailed) and goes_on):
            break
    return result, stay


def closing(put: Put, until_ms: int | None, **bounds: object) -> Put:
    """The put, which creates nothing after the stay's end."""
    before_ms = put.bounds.create_before_ms
    ends = [end for end in (until_ms, before_ms) if end is not None]
    if not bounds and min(ends, default=None) == before_ms:
        return put
    held = put.bounds._replace(create_before_ms=min(ends, default=None), **bounds)  # type: ignore[arg-type]
    return put._replace(bounds=held)


def next_home(
    stays: Sequence[Stay], renewed: Renewed | None, user: str, put: Put, result: Result, stay: Stay
) -> Sequence[Stay] | None:
    """The stays to do the put in again, after its memory came too late and was taken back; None: it was in time.

    Nobody was told of that memory yet. Raises StoreUnavailable.
    """
    created = isinstance(result, Record) and result.created
    if renewed is None or stay.until_ms is not None or not created:
        return None
    later = renewed()
    ended_ms = None if later is None else _ended_ms(stays, later)
    assert isinstance(result, Record)
    if ended_ms is None or result.expires_at_ms - put.life_ms < ended_ms:
        return None
    [undone] = stay.pool.do(user, [Forget(put.id, result.version)])
    # An error says that somebody saw it, and replaced it or forgot it: so it was there, and is no more.
    return later if undone is None else None


def _ended_ms(stays: Sequence[Stay], later: Sequence[Stay]) -> int | None:
    """When the last one of our stays ended, by what is known now."""
    began_ms = stays[-2].until_ms if len(stays) > 1 else None
    ends = [stay.until_ms for stay in later if stay.until_ms is not None]
    return min((end for end in ends if began_ms is None or end > began_ms), default=None)
