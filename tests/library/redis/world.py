"""A user's records in any state, at an instant that the test sets, far ahead of the server's own clock.

The scripts read that instant from a key of the server, and Redis expires nothing by itself.
"""

import time
from typing import NamedTuple

import redis

from stash_memory.backends.redis.keys import keys_of
from stash_memory.operations import Forget, Operation, Put, Recall, Result
from stash_memory.records import Record, Totals
from tests.backends import RedisBackend

ID, OTHER = "plan", "other"
HOUR = 3600 * 1000
NOW = int(time.time() * 1000) + 1000 * HOUR
# Rows are written then, while all of them are alive.
BEFORE = NOW - 100 * HOUR


class Row(NamedTuple):
    """A record that the books have, alive or not."""

    expires_at_ms: int
    size: int
    version: str


class State(NamedTuple):
    """The user's records: their sizes, and when they expire, in milliseconds from now. `row`: the operation's own.

    `forgotten`: the row was forgotten. `cleared`: expired entries are tombstones by now. `gone`: Redis has let go of
    the keys of expired records.
    """

    row: tuple[int, int] | None
    others: list[tuple[int, int]]
    forgotten: bool
    cleared: bool
    gone: bool

    @property
    def has_row(self) -> bool:
        """Whether the books have the row."""
        return self.row is not None and not self.forgotten and not (self.cleared and self.row[1] <= 0)

    def held(self, *, exact: bool) -> Totals:
        """See law.Books."""
        rows = [*self.others, *([self.row] if self.has_row and self.row is not None else [])]
        sizes = [size for size, left_ms in rows if left_ms > 0 or not (exact or self.cleared)]
        return Totals(len(sizes), sum(sizes))

    def expired_at_ms(self, id: str) -> int | None:
        """See law.Books."""
        assert id == ID
        buried = self.row is not None and not self.forgotten and self.row[1] <= 0
        return NOW + self.row[1] if buried and self.row is not None else None


class World:
    """A backend whose scripts read their clock from a key of the server."""

    def __init__(self, backend: RedisBackend, client: "redis.Redis") -> None:
        self.backend, self.client = backend, client

    def set_clock(self, now_ms: int) -> None:
        seconds, ms = divmod(now_ms, 1000)
        with self.client.pipeline() as pipeline:
            pipeline.delete("clock").rpush("clock", seconds, ms * 1000 + 999).execute()

    def do(self, user: str, operation: Operation, *, batch: bool = False) -> Result:
        """The operation's result, alone or among others."""
        others = [Recall(OTHER)] if batch else []
        return self.backend.do(user, [operation, *others])[0]

    def build(self, user: str, state: State) -> Row | None:
        """Makes the user's records; returns the row that the books have."""
        self.set_clock(BEFORE)
        written = [] if state.row is None else [(ID, *state.row)]
        written += [(f"{OTHER}/{n}", *one) for n, one in enumerate(state.others)]
        version = ""
        for name, size, left_ms in written:
            record = self.do(user, Put(name, (b"o" * size,), NOW + left_ms - BEFORE))
            assert isinstance(record, Record)
            if name == ID:
                version = record.version
        if state.row is not None and state.forgotten:
            assert self.do(user, Forget(ID)) is None
        self.set_clock(NOW)
        gone = [keys_of(user).head(name) for name, _, left_ms in written if left_ms <= 0]
        if state.gone and gone:
            self.client.delete(*gone)
        if state.cleared:
            self.backend.totals(user)
        return None if state.row is None else Row(NOW + state.row[1], state.row[0], version)
