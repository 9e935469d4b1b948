"""Caps: what a user keeps, counted by triggers for those users only who were ever written with caps."""

from stash_memory.backends.base import Caps
from stash_memory.backends.sqlite.transactions import Transaction
from stash_memory.errors import QuotaExceeded

_READ = "SELECT memories, bytes FROM usage WHERE user = ?"
_START = (
    "INSERT INTO usage (user, memories, bytes)"
    " SELECT ?, count(*), coalesce(sum(size), 0) FROM memories WHERE user = ? RETURNING memories, bytes"
)
_EXPIRED = "SELECT count(*), coalesce(sum(size), 0) FROM memories WHERE user = ? AND expires_at <= ?"


def check(turn: Transaction, user: str, caps: Caps | None, live_size: int | None, size: int) -> None:
    """Raises QuotaExceeded when `size` bytes in place of `live_size` (None: of no live record) are too much."""
    if caps is None:
        return
    found = turn.db.execute(_READ, (user,)).fetchall() or turn.db.execute(_START, (user, user)).fetchall()
    if live_size is not None and size <= live_size:
        return
    memories, held = found[0]
    memories += live_size is None
    held += size - (live_size or 0)
    if _fits(caps, memories, held):
        return
    # The counters hold what expired and is not cleared yet: subtracting it, from the index alone, says the
    # same as clearing it here would, and keeps no writer waiting.
    expired = turn.db.execute(_EXPIRED, (user, turn.now_ms)).fetchone()
    if not _fits(caps, memories - expired[0], held - expired[1]):
        raise QuotaExceeded


def _fits(caps: Caps, memories: int, held: int) -> bool:
    return (caps.memories is None or memories <= caps.memories) and (caps.bytes is None or held <= caps.bytes)
