"""The users' token buckets, charged in the transaction of what they pay for."""

from stash_memory.backends.sqlite.transactions import Transaction
from stash_memory.bucket import Spend, take

_READ = "SELECT full_at_us FROM buckets WHERE user = ?"
_WRITE = (
    "INSERT INTO buckets (user, full_at_us) VALUES (?, ?)"
    " ON CONFLICT (user) DO UPDATE SET full_at_us = excluded.full_at_us"
)


def charge(turn: Transaction, user: str, spend: Spend | None, *, some: bool = False) -> None:
    """Decides `spend` if it is not decided yet. Raises RateLimited, having written nothing."""
    if spend is None or spend.bucket is not None:
        return
    row = turn.db.execute(_READ, (user,)).fetchone()
    full_at_us, bucket = take(row[0] if row else 0, turn.now_us, spend, some=some)
    if bucket.granted:
        turn.db.execute(_WRITE, (user, full_at_us))
    spend.settle(bucket)
