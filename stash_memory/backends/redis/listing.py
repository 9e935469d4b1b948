"""Ranges of a user's ids, in the order of their bytes: pages of them, and clearing them."""

from stash_memory.backends.base import Entry, Page
from stash_memory.backends.redis.caller import Dispatch
from stash_memory.backends.redis.keys import octets, text
from stash_memory.backends.redis.wire import Argument
from stash_memory.bucket import Spend
from stash_memory.errors import StoreUnavailable

_END, _MORE = 0, 1


def page(
    dispatch: Dispatch, user: str, prefix: str, cursor: str | None, limit: int, spend: Spend | None
) -> Page:
    """At most `limit` live records; the cursor is the last one's id."""
    low, high = _range(prefix, cursor)
    entries: list[Entry] = []
    while True:
        asked: list[Argument] = [b"page", low, high, limit - len(entries)]
        [(_, state, last, found)], now_ms = dispatch.ask(user, [], asked, spend, write=False)
        for name, version, size, expires_at_ms in zip(*[iter(found)] * 4, strict=True):
            left_ms = expires_at_ms - now_ms
            entries.append(Entry(text(name), size, version.decode(), expires_at_ms, left_ms))
        if state in (_END, _MORE):
            return Page(entries, entries[-1].id if state == _MORE else None)
        low = b"(" + last


def clear(dispatch: Dispatch, user: str, prefix: str, spend: Spend | None) -> int:
    """Removes the records whose ids begin with `prefix`, 500 in each step; how many were alive.

    When it fails after the first step, StoreUnavailable says "unknown": some of them are gone.
    """
    low, high = _range(prefix, None)
    removed, more = 0, 1
    while more:
        try:
            [(_, more, last, alive)], _ = dispatch.ask(user, [], [b"clear", low, high], spend, write=True)
        except StoreUnavailable as error:
            error.applied = "unknown" if removed else error.applied
            raise
        removed += alive
        low = b"(" + last
    return removed


def _range(prefix: str, cursor: str | None) -> tuple[bytes, bytes]:
    """The bounds of the ids that begin with `prefix` and come after `cursor`, as BYLEX takes them."""
    first = octets(prefix)
    low, high = (b"[" + first, b"(" + first[:-1] + bytes([first[-1] + 1])) if first else (b"-", b"+")
    if cursor is not None and octets(cursor) >= first:
        low = b"(" + octets(cursor)
    return low, high
