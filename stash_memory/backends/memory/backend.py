"""The memory backend: every promise of `stash_memory.backends.base`, in one process, under one lock."""

import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from stash_memory.backends.memory.fork import fork_safe_lock
from stash_memory.backends.memory.kept import Kept, copied
from stash_memory.backends.memory.users import BATCH, CLEARED_BY_A_WRITE, Users
from stash_memory.bucket import Bucket, Spend
from stash_memory.errors import RateLimited, StashError, StoreUnavailable
from stash_memory.ids import new_version
from stash_memory.law import decide
from stash_memory.operations import Operation, Put, Result, Update
from stash_memory.records import Page, Purged, Totals

# Seconds between two batches. The lock is not fair: without a pause no writer would get it between them.
BREATH = 0.0005


class MemoryBackend:
    """A Backend (see `stash_memory.backends.base` for its promises) in this process.

    `max_bytes` bounds the bytes of all bodies: a write that would pass it clears expired records, and answers
    StoreFull if that is not enough. `clock` gives nanoseconds since the epoch. Any number of threads may use it; a
    forked child goes on with a copy of its own. After `close` every method raises StoreUnavailable.
    """

    def __init__(self, *, max_bytes: int | None = None, clock: Callable[[], int] = time.time_ns) -> None:
        self._lock = fork_safe_lock()
        self._users = Users(max_bytes, clock)

    def do(self, user: str, operations: Sequence[Operation], spend: Spend | None = None) -> list[Result]:
        """See Backend.do. All of the operations happen in one step."""
        if not operations:
            return []
        # One large body is copied before the lock is taken, so that nobody waits for it.
        bodies = map(_copied, operations) if len(operations) > 1 else iter([_copied(operations[0])])
        with self._lock:
            granted, retry_after_ms = len(operations), 0
            if spend is not None:
                spend.bucket = spend.bucket or self._users.charge(user, spend, some=True)
                granted, _, _, retry_after_ms = spend.bucket
            results: list[Result] = [
                self._perform(user, operation, body)
                for operation, body in zip(operations[:granted], bodies, strict=False)
            ]
        return results + [RateLimited(retry_after_ms) for _ in operations[granted:]]

    def delete_prefix(self, user: str, prefix: str, *, spend: Spend | None = None) -> int:
        """See Backend.delete_prefix. A batch in each step."""
        with self._lock:
            self._users.begin(user, spend)
            ids = [key for key, _ in self._users.walk(user, prefix)]
        removed = 0
        for start in range(0, len(ids), BATCH):
            with self._lock:
                now_ms = self._users.now_ms()
                for key in ids[start : start + BATCH]:
                    kept = self._users.find(user, key)
                    if kept is not None and kept.expires_at_ms > now_ms:
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
        """See Backend.page. The cursor is the last entry's id."""
        with self._lock:
            now_ms = self._users.begin(user, spend)
            return self._users.page(user, prefix, cursor, limit, now_ms)

    def spend(self, user: str, spend: Spend) -> Bucket:
        """See Backend.spend."""
        with self._lock:
            bucket = spend.bucket or self._users.charge(user, spend)
            spend.settle(bucket)
            return bucket

    def totals(self, user: str | None = None) -> Totals:
        """See Backend.totals. Exact; for all users it clears expired records first, a batch in each step."""
        while True:
            with self._lock:
                now_ms = self._users.now_ms()
                if user is not None:
                    return self._users.totals_of(user, now_ms)
                if not self._users.clear(now_ms, BATCH).more:
                    return self._users.totals
            time.sleep(BREATH)

    def purge(self, budget: int) -> Purged:
        """See Backend.purge. `more` may be True for 1,000 extended records."""
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

    def _perform(self, user: str, operation: Operation, body: tuple[tuple[bytes, ...], int] | None) -> Result:
        users = self._users
        now_ms = users.now_ms()
        kept = users.find(user, operation.id)
        try:
            size = 0 if body is None else body[1]
            outcome = decide(operation, kept, now_ms, users.books(user, now_ms), size)
            if body is not None:
                users.make_room(user, operation.id, body[1], now_ms)
        except StashError as error:
            # A traceback would keep this call's frames, and the bodies in them, for as long as the error.
            return error.with_traceback(None)
        if body is not None:
            kept = Kept(*body, new_version(), outcome.expires_at_ms)
            users.keep(user, operation.id, kept)
        elif outcome.removed:
            users.remove(user, operation.id, now_ms)
        assert kept is not None
        if operation.writes:
            kept.expires_at_ms = outcome.expires_at_ms
            users.clear(now_ms, CLEARED_BY_A_WRITE)
        return None if outcome.removed else kept.record(now_ms, outcome)


def _copied(operation: Operation) -> tuple[tuple[bytes, ...], int] | None:
    """The body that it writes, copied before the lock is taken, and its size."""
    if isinstance(operation, Put | Update) and operation.body is not None:
        return copied(operation.body)
    return None


def _closed() -> NoReturn:
    raise StoreUnavailable("The store has been closed.")
