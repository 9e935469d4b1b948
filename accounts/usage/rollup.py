"""The roll-up: lets go of what is older than charts show, and ranks the busiest.

Minutes need no folding into hours: a flush adds to both in one transaction, so that they never disagree.
"""

import time
from datetime import datetime

from django.db import connection

from accounts.usage.busiest import rank
from accounts.usage.windows import HOURS, MINUTES, Window

# SQLite's other writers wait for at most 0.13 s at a thousand rows, and for seconds where all go at once.
STEP = 1_000
RUN_SECONDS = 30.0


def roll_up(now: datetime, seconds: float = RUN_SECONDS) -> int:
    """One run, which removes rows for so many seconds at most; returns how many went. The next goes on with the rest.

    Raises DatabaseError.
    """
    rank(now)
    deadline = time.monotonic() + seconds
    return sum(clear(window, now, deadline) for window in (MINUTES, HOURS))


def clear(window: Window, now: datetime, deadline: float) -> int:
    """Removes what lies before the window, in steps, each its own transaction."""
    removed, step = 0, STEP
    while step == STEP and time.monotonic() < deadline:
        step = clear_some(window, now)
        removed += step
    return removed


def clear_some(window: Window, now: datetime) -> int:
    """Removes at most STEP rows."""
    name = window.table._meta.db_table
    before = connection.ops.adapt_datetimefield_value(window.start(now))
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {name} WHERE (subject, at) IN"  # noqa: S608
            f" (SELECT subject, at FROM {name} WHERE at < %s LIMIT %s)",
            [before, STEP],
        )
        return cursor.rowcount
