"""What one user keeps: records, the order in which they expire, tombstones, and the token bucket."""

import sys
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from heapq import heapify, heappop, heappush, heapreplace
from typing import NamedTuple

from stash_memory.backends.memory.kept import Kept
from stash_memory.law import REMEMBERED, REMEMBERED_MS

# The bookkeeping may be this much larger than twice what it keeps book of, before it is made anew.
SLACK = 64


class Cleared(NamedTuple):
    """What a clearing removed: records, bytes; the `steps` it took; `more` if it may not be all there was."""

    memories: int
    bytes: int
    steps: int
    more: bool


class Holdings:
    """One user's part of the store; whoever calls holds the backend's lock. Times are in milliseconds.

    `records` may hold expired ones that nobody has cleared yet: each is its own tombstone. `bytes` is the
    size of all of them. `full_at_us` is the bucket's state (see `stash_memory.bucket`). `queued_ms` is the
    instant for which the backend has these holdings in its own queue, if any.
    """

    __slots__ = ("_due", "_sorted", "_tombstones", "bytes", "full_at_us", "queued_ms", "records")

    def __init__(self) -> None:
        self.records: dict[str, Kept] = {}
        self.bytes = 0
        self.full_at_us = 0
        self.queued_ms: int | None = None
        # A record has one valid entry, at its `due_ms`: never later than its expiry, and moved only when it
        # comes up. So extending and overwriting leave the heap alone, unless a life gets shorter.
        self._due: list[tuple[int, str]] = []
        self._tombstones: OrderedDict[str, int] | None = None
        self._sorted: list[str] | None = None

    def expired_at_ms(self, id: str) -> int | None:
        """When a memory that has no record any more expired, if that is remembered."""
        return None if self._tombstones is None else self._tombstones.get(id)

    def keep(self, id: str, kept: Kept) -> Kept | None:
        """Puts the record in, buries the id's tombstone, and returns the record that was in its place."""
        old = self.records.get(id)
        self.records[id] = kept
        self.bytes += kept.size
        if old is not None:
            self.bytes -= old.size
            if old.due_ms <= kept.expires_at_ms:
                kept.due_ms = old.due_ms
                return old
        else:
            self._sorted = None
            if self._tombstones:
                self._tombstones.pop(id, None)
        heappush(self._due, (kept.expires_at_ms, id))
        if len(self._due) > 2 * len(self.records) + SLACK:
            self._tidy()
        return old

    def remove(self, id: str) -> Kept:
        """Takes the record out, and leaves no tombstone."""
        kept = self.records.pop(id)
        self.bytes -= kept.size
        self._tidy()
        return kept

    def clear(self, now_ms: int, steps: int = sys.maxsize, most: int = sys.maxsize) -> Cleared:
        """Turns at most `most` expired records into tombstones, looking at `steps` entries at most."""
        memories = size = taken = 0
        more = False
        while self._due and self._due[0][0] <= now_ms:
            due_ms, key = self._due[0]
            kept = self.records.get(key)
            expired = kept is not None and kept.due_ms == due_ms == kept.expires_at_ms
            if taken == steps or (expired and memories == most):
                more = True
                break
            taken += 1
            if kept is None or kept.due_ms != due_ms:
                heappop(self._due)
            elif not expired:
                kept.due_ms = kept.expires_at_ms
                heapreplace(self._due, (kept.due_ms, key))
            else:
                heappop(self._due)
                del self.records[key]
                self._bury(key, due_ms)
                memories += 1
                size += kept.size
        self.bytes -= size
        while self._tombstones and now_ms >= self._oldest_ms(self._tombstones) + REMEMBERED_MS:
            self._tombstones.popitem(last=False)
        self._tidy()
        return Cleared(memories, size, taken, more)

    def next_ms(self, now_ms: int) -> int | None:
        """When there will be something to clear, or None if these holdings can go: nothing is in them."""
        if self._due:
            return self._due[0][0]
        if self._tombstones:
            return self._oldest_ms(self._tombstones) + REMEMBERED_MS
        full_at_ms = -(-self.full_at_us // 1000)
        return full_at_ms if full_at_ms > now_ms else None

    def walk(self, prefix: str, after: str | None) -> Iterator[tuple[str, Kept]]:
        """The records whose ids begin with `prefix`, beyond `after`, in order; expired ones among them."""
        ids = self._sorted
        if ids is None:
            # 0.5 s for a million ids, once after new ids came in. Code points sort as their UTF-8 does.
            ids = self._sorted = sorted(self.records)
        start = bisect_left(ids, prefix)
        if after is not None:
            start = max(start, bisect_right(ids, after))
        for at in range(start, len(ids)):
            key = ids[at]
            if not key.startswith(prefix):
                return
            kept = self.records.get(key)
            if kept is not None:
                yield key, kept

    def _bury(self, id: str, expired_at_ms: int) -> None:
        if self._tombstones is None:
            self._tombstones = OrderedDict()
        self._tombstones[id] = expired_at_ms
        if len(self._tombstones) > REMEMBERED:
            self._tombstones.popitem(last=False)

    def _tidy(self) -> None:
        most = 2 * len(self.records) + SLACK
        if not self.records:
            self._due.clear()
            self._sorted = None
        elif len(self._due) > most:
            for kept in self.records.values():
                kept.due_ms = kept.expires_at_ms
            self._due = [(kept.due_ms, key) for key, kept in self.records.items()]
            heapify(self._due)
        if self._sorted is not None and len(self._sorted) > most:
            self._sorted = None

    @staticmethod
    def _oldest_ms(tombstones: OrderedDict[str, int]) -> int:
        return next(iter(tombstones.values()))
