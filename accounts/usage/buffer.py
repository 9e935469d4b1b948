"""What this process has counted and not written yet."""

import time
from bisect import bisect_left
from collections.abc import Callable
from datetime import datetime
from threading import Lock

from accounts.usage.columns import (
    BOUNDS_MS,
    BYTES_IN,
    BYTES_OUT,
    FIRST_BUCKET,
    REQUESTS,
    STATUS_4XX,
    STATUS_5XX,
    STATUS_429,
    WIDTH,
    Row,
    add,
)

# A row and its name take about 0.5 KB. While the database is away more may be wanted: what is counted beyond this
# is counted for the whole service, and no longer for its user and key.
MOST_ROWS = 50_000

# The minute (since the epoch), the user's id and the key's; without a valid key both are empty.
Who = tuple[int, str, str]
Rows = dict[Who, Row]


class Buffer:
    """Counts of one process, by minute, user and key; safe for many threads.

    `clock` gives seconds since the epoch. Counting a request takes about a microsecond.
    """

    def __init__(self, clock: Callable[[], float] = time.time, most_rows: int = MOST_ROWS) -> None:
        self.clock = clock
        self.most_rows = most_rows
        self.rows: Rows = {}
        self.used: dict[str, datetime] = {}
        self.lock = Lock()

    def count(
        self,
        user_id: str,
        key_id: str,
        status: int,
        milliseconds: float,
        outcomes: tuple[int, ...] = (),
        bytes_in: int = 0,
        bytes_out: int = 0,
    ) -> None:
        """One request that was answered with `status`; `outcomes` are the columns of what it did (STASHES...)."""
        who = (int(self.clock()) // 60, user_id, key_id)
        bucket = FIRST_BUCKET + bisect_left(BOUNDS_MS, milliseconds)
        with self.lock:
            row = self.rows.get(who) or self.new_row(who)
            row[REQUESTS] += 1
            row[bucket] += 1
            for column in outcomes:
                row[column] += 1
            if bytes_in:
                row[BYTES_IN] += bytes_in
            if bytes_out:
                row[BYTES_OUT] += bytes_out
            if status >= 400:
                row[STATUS_5XX if status >= 500 else STATUS_429 if status == 429 else STATUS_4XX] += 1

    def new_row(self, who: Who) -> Row:
        """The row of `who`, or of nobody in that minute where there are as many rows as there may be."""
        if len(self.rows) >= self.most_rows:
            who = (who[0], "", "")
        return self.rows.setdefault(who, [0] * WIDTH)

    def use(self, key_id: str, at: datetime) -> None:
        """The key was used. Asked about once a second for a key, and not at each request."""
        with self.lock:
            if key_id in self.used or len(self.used) < self.most_rows:
                self.used[key_id] = at

    def take(self) -> tuple[Rows, dict[str, datetime]]:
        """All that was counted since the last taking, and which keys were used when; both begin anew."""
        with self.lock:
            rows, self.rows = self.rows, {}
            used, self.used = self.used, {}
        return rows, used

    def give_back_rows(self, rows: Rows) -> None:
        """What could not be written counts again."""
        with self.lock:
            # The smaller one is added: requests wait for this lock, and after an outage `rows` is long.
            few, self.rows = sorted((self.rows, rows), key=len)
            for who, row in few.items():
                add(self.rows.get(who) or self.new_row(who), row)

    def give_back_used(self, used: dict[str, datetime]) -> None:
        """Those keys' use is still to be written, unless they were used again."""
        with self.lock:
            self.used = used | self.used


buffer = Buffer()
