"""Everyone's holdings, the order in which they have something to clear, and what they sum to."""

import sys
from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush

from stash_memory.backends.memory.holdings import SLACK, Cleared, Holdings
from stash_memory.backends.memory.kept import Kept
from stash_memory.bucket import Bucket, Spend, take
from stash_memory.errors import StoreFull
from stash_memory.records import Entry, Page, Totals

# A write looks at more entries than it can add, so a store that is written to stays bounded with no purge.
CLEARED_BY_A_WRITE = 4

# Entries looked at before the lock is let go: 1 to 2 ms.
BATCH = 1000


class Users:
    """All holdings; whoever calls holds the backend's lock. Times are in milliseconds.

    Nobody's holdings are kept once they are empty and the bucket is full: then they say nothing. `totals`
    counts expired records that are not cleared yet.
    """

    def __init__(self, max_bytes: int | None, clock: Callable[[], int]) -> None:
        self._max_bytes = max_bytes
        self._clock = clock
        self._memories = 0
        self._bytes = 0
        self._all: dict[str, Holdings] = {}
        # As in Holdings: an entry is valid at the holdings' `queued_ms`, which is never too late.
        self._queue: list[tuple[int, str]] = []

    def now_ms(self) -> int:
        """The time."""
        return self._clock() // 1_000_000

    def begin(self, user: str, spend: Spend | None) -> int:
        """The time, once the spend is settled. Raises RateLimited."""
        if spend is not None and spend.bucket is None:
            spend.settle(self.charge(user, spend))
        return self._clock() // 1_000_000

    @property
    def totals(self) -> Totals:
        """What is kept of all users."""
        return Totals(self._memories, self._bytes)

    def totals_of(self, user: str, now_ms: int) -> Totals:
        """What is alive of this user."""
        holdings = self._all.get(user)
        if holdings is None:
            return Totals(0, 0)
        self.count(holdings.clear(now_ms))
        return Totals(len(holdings.records), holdings.bytes)

    def find(self, user: str, id: str) -> Kept | None:
        """The record, alive or expired, if there is one."""
        holdings = self._all.get(user)
        return None if holdings is None else holdings.records.get(id)

    def books(self, user: str, now_ms: int) -> "Books":
        """The user as the law asks about one."""
        return Books(self, self._all.get(user), now_ms)

    def walk(self, user: str, prefix: str, after: str | None = None) -> Iterator[tuple[str, Kept]]:
        """See `Holdings.walk`."""
        holdings = self._all.get(user)
        return iter(()) if holdings is None else holdings.walk(prefix, after)

    def page(self, user: str, prefix: str, cursor: str | None, limit: int, now_ms: int) -> Page:
        """At most `limit` live records; the cursor is the last one's id."""
        entries: list[Entry] = []
        for key, kept in self.walk(user, prefix, cursor):
            left_ms = kept.expires_at_ms - now_ms
            if left_ms < 1:
                continue
            if len(entries) == limit:
                return Page(entries, entries[-1].id)
            entries.append(Entry(key, kept.size, kept.version, kept.expires_at_ms, left_ms))
        return Page(entries, None)

    def keep(self, user: str, id: str, kept: Kept) -> None:
        """Puts the record in, in place of the one that was there."""
        holdings = self._all.get(user)
        if holdings is None:
            holdings = self._all[user] = Holdings()
        old = holdings.keep(id, kept)
        if old is None:
            self._memories += 1
            self._bytes += kept.size
        else:
            self._bytes += kept.size - old.size
        if holdings.queued_ms is None or holdings.queued_ms > kept.expires_at_ms:
            self._enqueue(user, holdings, kept.expires_at_ms)

    def remove(self, user: str, id: str, now_ms: int) -> None:
        """Takes the live record out."""
        holdings = self._all[user]
        self._memories -= 1
        self._bytes -= holdings.remove(id).size
        if not holdings.records:
            # Else empty holdings would stand until the last record would have expired.
            self._enqueue(user, holdings, holdings.next_ms(now_ms) or now_ms)

    def make_room(self, user: str, id: str, size: int, now_ms: int) -> None:
        """Makes sure that the id may get a body of `size` bytes. Raises StoreFull."""
        if self._max_bytes is None:
            return
        while True:
            kept = self.find(user, id)
            if self._bytes + size - (0 if kept is None else kept.size) <= self._max_bytes:
                return
            cleared = self.clear(now_ms, BATCH)
            if not cleared.memories and not cleared.more:
                raise StoreFull

    def charge(self, user: str, spend: Spend, *, some: bool = False) -> Bucket:
        """Takes the tokens, or some of them, and returns the outcome."""
        now_us = self._clock() // 1000
        holdings = self._all.get(user)
        if holdings is None:
            # Whoever only reads must leave nothing standing either.
            self.clear(now_us // 1000, CLEARED_BY_A_WRITE)
            holdings = self._all[user] = Holdings()
        holdings.full_at_us, bucket = take(holdings.full_at_us, now_us, spend, some=some)
        if holdings.queued_ms is None:
            self._enqueue(user, holdings, -(-holdings.full_at_us // 1000))
        return bucket

    def clear(self, now_ms: int, steps: int, most: int = sys.maxsize) -> Cleared:
        """See `Holdings.clear`; whosever they are."""
        memories = size = taken = 0
        while self._queue and self._queue[0][0] <= now_ms:
            if taken >= steps:
                return Cleared(memories, size, taken, True)
            taken += 1
            due_ms, user = heappop(self._queue)
            holdings = self._all.get(user)
            if holdings is None or holdings.queued_ms != due_ms:
                continue
            cleared = self.count(holdings.clear(now_ms, steps - taken + 1, most - memories))
            memories += cleared.memories
            size += cleared.bytes
            taken += cleared.steps
            holdings.queued_ms = None
            next_ms = holdings.next_ms(now_ms)
            if next_ms is None:
                del self._all[user]
            else:
                self._enqueue(user, holdings, next_ms)
            if cleared.more:
                return Cleared(memories, size, taken, True)
        return Cleared(memories, size, taken, False)

    def _enqueue(self, user: str, holdings: Holdings, due_ms: int) -> None:
        if holdings.queued_ms is not None and holdings.queued_ms <= due_ms:
            return
        holdings.queued_ms = due_ms
        heappush(self._queue, (due_ms, user))
        if len(self._queue) > 2 * len(self._all) + SLACK:
            self._queue = [(h.queued_ms, user) for user, h in self._all.items() if h.queued_ms is not None]
            heapify(self._queue)

    def count(self, cleared: Cleared) -> Cleared:
        """Takes what a clearing removed out of the sums."""
        self._memories -= cleared.memories
        self._bytes -= cleared.bytes
        return cleared


class Books:
    """See `stash_memory.law.Books`."""

    __slots__ = ("_holdings", "_now_ms", "_users")

    def __init__(self, users: Users, holdings: Holdings | None, now_ms: int) -> None:
        self._users = users
        self._holdings = holdings
        self._now_ms = now_ms

    def expired_at_ms(self, id: str) -> int | None:
        """See Books."""
        return None if self._holdings is None else self._holdings.expired_at_ms(id)

    def held(self, *, exact: bool) -> Totals:
        """See Books. To be exact, it clears expired records first."""
        if self._holdings is None:
            return Totals(0, 0)
        if exact:
            self._users.count(self._holdings.clear(self._now_ms))
        return Totals(len(self._holdings.records), self._holdings.bytes)
