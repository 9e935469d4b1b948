"""The users' token buckets, charged in the step of what they pay for."""

from typing import TypeGuard

from stash_memory.bucket import Bucket, Spend, take
from storage.database.dialect import Dialect
from storage.database.turn import Row, Turn, Values

# One upsert, whose row lock puts the user's requests in order. The clock is read when the lock is held: once for
# the decision (WHERE), and once, a moment later, for the new state; what it grants can only be more by then.
_AVAILABLE = (
    "((%(burst)s * CAST(%(interval_us)s AS bigint) - GREATEST(bucket.full_at_us - {now}, 0))"
    " / %(interval_us)s)"
)
PAID = (
    (
        "WITH paid AS (INSERT INTO memories_bucket AS bucket (user_id, full_at_us, granted)"
        " VALUES (%(user)s, {now_us} + %(first)s * CAST(%(interval_us)s AS bigint), %(first)s)"
        " ON CONFLICT (user_id) DO UPDATE SET (full_at_us, granted) = ("
        "SELECT GREATEST(bucket.full_at_us, clock.now) + tokens.taken * %(interval_us)s, tokens.taken"
        " FROM (SELECT {now_us} AS now) AS clock,"
        " LATERAL (SELECT LEAST(%(cost)s, available_then) AS taken) AS tokens)"
        " WHERE available_now >= %(least)s RETURNING user_id, full_at_us, granted, {now_us} AS paid_us)"
    )
    .replace("available_then", _AVAILABLE.replace("{now}", "clock.now"))
    .replace("available_now", _AVAILABLE.replace("{now}", "{now_us}"))
)
# A statement that is paid for begins with PAID, reads from `paid` first of all, and answers with this first of all.
RECEIPT = "paid.full_at_us, paid.granted, paid.paid_us"
_ALONE = f"{PAID} SELECT {RECEIPT} FROM paid"  # noqa: S608
_READ = "SELECT (SELECT full_at_us FROM memories_bucket WHERE user_id = %(user)s), {now_us}"
_WRITE = (
    "INSERT INTO memories_bucket (user_id, full_at_us, granted) VALUES (%(user)s, %(full_at_us)s, %(granted)s)"
    " ON CONFLICT (user_id) DO UPDATE SET full_at_us = excluded.full_at_us, granted = excluded.granted"
)


def charge(turn: Turn, user: str, spend: Spend | None, *, some: bool = False) -> None:
    """Decides `spend` if it is not decided yet. Raises RateLimited, having written nothing."""
    if spend is None or spend.bucket is not None:
        return
    if turn.dialect.locks_rows:
        pay(turn, user, spend, _ALONE, {}, some=some)
        return
    full_at_us, now_us = _state(turn, user)
    full_at_us, bucket = take(full_at_us, now_us, spend, some=some)
    if bucket.granted:
        turn.count(_WRITE, {"user": user, "full_at_us": full_at_us, "granted": bucket.granted})
    spend.settle(bucket)


def in_one_statement(spend: Spend | None, dialect: Dialect) -> TypeGuard[Spend]:
    """Whether what the spend pays for can be done in the statement that decides it: on PostgreSQL alone."""
    return spend is not None and spend.bucket is None and dialect.locks_rows


def pay(turn: Turn, user: str, spend: Spend, statement: str, values: Values, *, some: bool = False) -> Row:
    """Decides `spend` with a statement that it pays for, if it can; the rest of that one's answer.

    Raises RateLimited, having written nothing.
    """
    first = min(spend.cost, spend.burst) if some else spend.cost
    values = values | {
        "user": user,
        "burst": spend.burst,
        "interval_us": spend.interval_us,
        "cost": spend.cost,
        "first": first,
        "least": 1 if some else spend.cost,
    }
    while True:
        if 0 < first <= spend.burst:
            found = turn.row(statement, values)
            if found is not None:
                full_at_us, granted, now_us, *rest = found
                spend.settle(_granted(full_at_us, granted, now_us, spend))
                return tuple(rest)
        full_at_us, now_us = _state(turn, user)
        _, bucket = take(full_at_us, now_us, spend, some=some)
        # A token may have come back between the two statements.
        if not bucket.granted:
            spend.settle(bucket)


def _state(turn: Turn, user: str) -> tuple[int, int]:
    [(full_at_us, now_us)] = turn.rows(_READ, {"user": user})
    return full_at_us or 0, now_us


def _granted(full_at_us: int, granted: int, now_us: int, spend: Spend) -> Bucket:
    """What `take` says of a bucket from which `granted` were just taken."""
    interval_us = spend.interval_us
    missing_us = max(0, full_at_us - now_us)
    remaining = max(0, spend.burst - -(-missing_us // interval_us))
    retry_us = missing_us + interval_us - spend.burst * interval_us if granted < spend.cost else 0
    return Bucket(granted, remaining, -(-missing_us // 1000), max(0, -(-retry_us // 1000)))
