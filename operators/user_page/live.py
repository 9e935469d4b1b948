"""What lives of a user: ids, sizes and ends, and never contents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from operators.charts.units import lasting, number, size
from operators.user_page.store import store_of_user
from stash_memory.errors import StashError
from stash_memory.operations import ListPage
from stash_memory.times import instant

# Memories on one page.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One memory. `left` is how long it will live from now."""

    id: str
    size: str
    expires_at: datetime
    left: str


@dataclass(frozen=True, slots=True)
class Live:
    """A page of the memories; `count` and `bytes` are of all pages, `cursor` is the next one's, or None.

    Where the store cannot tell, `fault` is a sentence, and the rest is empty.
    """

    lines: Sequence[Line] = ()
    count: str = ""
    bytes: str = ""
    cursor: str | None = None
    fault: str = ""


def live(user: User, cursor: str | None) -> Live:
    """The memories after the cursor, which the page before gave. Costs the user no token."""
    try:
        store = store_of_user(user)
        page = store.do(user.public_id, ListPage("", cursor, SHOWN), user.limits)
        totals = store.totals(user.public_id)
    except StashError as error:
        return Live(fault=error.detail)
    lines = [
        Line(
            entry.id,
            size(entry.size),
            instant(entry.expires_at_ms),
            lasting(timedelta(milliseconds=entry.remaining_ms)),
        )
        for entry in page.entries
    ]
    return Live(lines, number(totals.memories), size(totals.bytes), page.cursor)
