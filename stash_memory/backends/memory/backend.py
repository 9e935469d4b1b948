"""The memory backend: every promise of `stash_memory.backends.base`, in one process, under one lock."""

import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from stash_memory.backends.base import Buffer, Caps, Closed, Operation, Page, Purged, Record, Result, Totals
from stash_memory.backends.memory.bodies import copied
from stash_memory.backends.memory.fork import fork_safe_lock
from stash_memory.backends.memory.kept import Kept
from stash_memory.backends.memory.users import BATCH, CLEARED_BY_A_WRITE, Users
from stash_memory.backends.performing import perform
from stash_memory.bucket import Bucket, Spend
from stash_memory.errors import PreconditionFailed, RateLimited, StoreUnavailable
from stash_memory.expiry import extended
from stash_memory.versions import new_version

# Seconds between two batches. The lock is not fair: without a pause no writer would get it between them.
BREATH = 0.0005


class MemoryBackend:
    """A Backend (see `stash_memory.backends.base`, whose promises are not repeated here) in this process.

    `max_bytes` bounds the bytes of all bodies: a write that would pass it clears what has expired, and raises
    StoreFull if that is not enough. `clock` answers in nanoseconds since the epoch. Any number of threads may
    use it; a forked child goes on with a copy of its own. After `close` every method raises StoreUnavailable.
    """

    def __init__(self, *, max_bytes: int | None = None, clock: Callable[[], int] = time.time_ns) -> None:
        self._lock = fork_safe_lock()
        self._users = Users(max_bytes, clock)

    def get(
        self, user: str, id: str, *, spend: Spend | None = None, unless_version: str | None = None
    ) -> Record:
        """The record, in the very pieces that were put. Raises RateLimited, MemoryNotFound, MemoryExpired."""
        with self._lock:
            now_ms = self._users.begin(user, spend)
            kept = self._users.find(user, id, now_ms)
            body = () if kept.version == unless_version else kept.body
            return kept.record(now_ms, body)

    def put(
        self,
        user: str,
        id: str,
        body: Sequence[Buffer],
        ttl_ms: int,
        *,
        if_version: str | None = None,
        if_absent: bool = False,
        create_before_ms: int | None = None,
        spend: Spend | None = None,
        caps: Caps | None = None,
    ) -> Record:
        """Creates or replaces. Raises RateLimited, PreconditionFailed, Closed, QuotaExceeded, StoreFull."""
        pieces, size = copied(body)
        with self._lock:
            now_ms = self._users.begin(user, spend)
            live = self._users.live(user, id, now_ms)
            if if_absent and live is not None:
                raise PreconditionFailed("There is a memory with this id already.")
            if if_version is not None and (live is None or live.version != if_version):
                raise PreconditionFailed
            if live is None and create_before_ms is not None and now_ms >= create_before_ms:
                raise Closed
            self._users.make_room(user, id, size, caps, now_ms)
            kept = Kept(pieces, size, new_version(), now_ms + ttl_ms)
            self._users.keep(user, id, kept)
            self._users.clear(now_ms, CLEARED_BY_A_WRITE)
            return Record((), size, kept.version, kept.expires_at_ms, ttl_ms, live is None)

    def update(
        self,
        user: str,
        id: str,
        *,
        body: Sequence[Buffer] | None = None,
        extra_ms: int | None = None,
        at_least_ms: int | None = None,
        max_ttl_ms: int,
        if_version: str | None = None,
        spend: Spend | None = None,
        caps: Caps | None = None,
    ) -> Record:
        """Replaces the data, extends the life, or both; raises what `put` does, and what `get` does."""
        copy = None if body is None else copied(body)
        with self._lock:
            now_ms = self._users.begin(user, spend)
            kept = self._users.find(user, id, now_ms)
            if if_version is not None and kept.version != if_version:
                raise PreconditionFailed
            expires_at_ms = extended(
                kept.expires_at_ms,
                now_ms,
                extra_ms=extra_ms,
                at_least_ms=at_least_ms,
                max_ttl_ms=max_ttl_ms,
            )
            if copy is None:
                kept.expires_at_ms = expires_at_ms
            else:
                pieces, size = copy
                self._users.make_room(user, id, size, caps, now_ms)
                kept = Kept(pieces, size, new_version(), expires_at_ms)
                self._users.keep(user, id, kept)
            self._users.clear(now_ms, CLEARED_BY_A_WRITE)
            return kept.record(now_ms, kept.body if copy is None and at_least_ms is not None else ())

    def delete(
        self, user: str, id: str, *, if_version: str | None = None, spend: Spend | None = None
    ) -> None:
        """Removes the record. Raises RateLimited, MemoryNotFound, MemoryExpired, PreconditionFailed."""
        with self._lock:
            now_ms = self._users.begin(user, spend)
            kept = self._users.find(user, id, now_ms)
            if if_version is not None and kept.version != if_version:
                raise PreconditionFailed
            self._users.remove(user, id, now_ms)
            self._users.clear(now_ms, CLEARED_BY_A_WRITE)

    def delete_prefix(self, user: str, prefix: str, *, spend: Spend | None = None) -> int:
        """How many live records it removed, a batch in each step. Raises RateLimited."""
        with self._lock:
            self._users.begin(user, spend)
            ids = [key for key, _ in self._users.walk(user, prefix)]
        removed = 0
        for start in range(0, len(ids), BATCH):
            with self._lock:
                now_ms = self._users.now_ms()
                for key in ids[start : start + BATCH]:
                    if self._users.live(user, key, now_ms) is not None:
                        self._users.remove(user, key, now_ms)
                        removed += 1
        return removed

    def page(
        self,
        user: str,
        prefix: str = "",
        cursor: str | None = None,
        limit: int = 100,
        *,
        spend: Spend | None = None,
    ) -> Page:
        """At most `limit` entries; the cursor is the last one's id. Raises RateLimited."""
        with self._lock:
            now_ms = self._users.begin(user, spend)
            return self._users.page(user, prefix, cursor, limit, now_ms)

    def many(self, user: str, operations: Sequence[Operation], *, spend: Spend | None = None) -> list[Result]:
        """A record, None (of a delete) or an error for each operation; here, all in one step."""
        with self._lock:
            granted, retry_after_ms = len(operations), 0
            if spend is not None:
                spend.bucket = spend.bucket or self._users.charge(user, spend, some=True)
                granted, _, _, retry_after_ms = spend.bucket
            done = [perform(self, user, operation) for operation in operations[:granted]]
            return done + [RateLimited(retry_after_ms) for _ in operations[granted:]]

    def spend(self, user: str, spend: Spend) -> Bucket:
        """What became of `spend`. Raises RateLimited."""
        with self._lock:
            bucket = spend.bucket or self._users.charge(user, spend)
            spend.settle(bucket)
            return bucket

    def totals(self, user: str | None = None) -> Totals:
        """Exact, of one user or of all. For all, what has expired is cleared first, a batch in each step."""
        while True:
            with self._lock:
                now_ms = self._users.now_ms()
                if user is not None:
                    return self._users.totals_of(user, now_ms)
                if not self._users.clear(now_ms, BATCH).more:
                    return self._users.totals
            time.sleep(BREATH)

    def purge(self, budget: int) -> Purged:
        """Removes `budget` expired records at most. `more` may be True for 1,000 extended ones."""
        memories = size = 0
        while True:
            with self._lock:
                cleared = self._users.clear(self._users.now_ms(), BATCH, budget - memories)
            memories += cleared.memories
            size += cleared.bytes
            if not cleared.more or memories >= budget:
                return Purged(memories, size, cleared.more)
            time.sleep(BREATH)

    def close(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._users = Users(None, _closed)


def _closed() -> NoReturn:
    raise StoreUnavailable("The store has been closed.")
