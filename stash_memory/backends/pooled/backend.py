"""The backend over pools: each operation, asked of one pool after another."""

import time
from collections.abc import Callable, Sequence

from stash_memory.backends.base import Backend
from stash_memory.backends.pooled.pools import (
    Stay,
    caps_beside,
    first_found,
    merge_pages,
    purge_all,
    sum_totals,
)
from stash_memory.backends.pooled.puts import Renewed, closing, next_home, put_in_stays
from stash_memory.bucket import Bucket, Spend
from stash_memory.errors import RateLimited, StashError, StoreFull, StoreUnavailable
from stash_memory.operations import Operation, Put, Recall, Result, Update
from stash_memory.records import Page, Purged, Totals

# Costs a token, and finds nothing: no memory has the empty id.
NOTHING = Recall("")


class PooledBackend:
    """A `stash_memory.backends.base.Backend` for the users whose `stays` are these, oldest first, the last for good.

    **An id lives in one pool at a time.** A put that would create asks the pools in the order of their stays, and
    each says in one step, by its own clock, whether the id lives there and is replaced, or is created since the
    stay is not over (`create_before_ms`), or neither: then the next one is asked. So nobody creates an id in a
    later pool before all earlier ones are closed for good, and whoever writes to an id that lives writes where it
    lives. It stays there until it expires or is forgotten.

    With one stay, each method is its pool's. With more, it takes a round trip or more for each; the bucket is in
    the pool that new memories go to; caps count every pool, each as it was a moment before the write, so writers at
    one moment in two pools may pass a cap by what they write. What cannot be told without a pool is down with it.

    `renewed` is for puts that take long: see `puts`. `clock` (nanoseconds) only tells which bucket to charge.
    """

    def __init__(
        self,
        stays: Sequence[Stay],
        *,
        renewed: Renewed | None = None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.stays = stays
        self._clock = clock
        self._renewed = renewed
        # Each pool once, the one that came last first.
        self._pools = list({id(stay.pool): stay.pool for stay in reversed(stays)}.values())
        self._only = self._pools[0] if len(stays) == 1 else None

    def do(self, user: str, operations: Sequence[Operation], spend: Spend | None = None) -> list[Result]:
        """See Backend.do."""
        if self._only is not None:
            return self._do_in_one(user, operations, spend)
        if len(operations) == 1:
            return [self._do_in_several(user, operations[0], spend)]
        return self._do_one_by_one(user, operations, spend)

    def delete_prefix(self, user: str, prefix: str, *, spend: Spend | None = None) -> int:
        """See Backend.delete_prefix."""
        removed = 0
        for pool in self._asked():
            try:
                removed += pool.delete_prefix(user, prefix, spend=spend)
            except StoreUnavailable as error:
                error.applied = "unknown" if removed else error.applied
                raise
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
        """See Backend.page."""
        if self._only is not None:
            return self._only.page(user, prefix, cursor, limit, spend=spend)
        if spend is not None and spend.bucket is None:
            self.spend(user, spend)
        return merge_pages(
            [pool.page(user, prefix, cursor, limit, spend=spend) for pool in self._pools], limit
        )

    def spend(self, user: str, spend: Spend) -> Bucket:
        """See Backend.spend."""
        return self._asked()[0].spend(user, spend)

    def totals(self, user: str | None = None) -> Totals:
        """See Backend.totals."""
        return sum_totals(self._pools, user)

    def purge(self, budget: int) -> Purged:
        """See Backend.purge."""
        return purge_all(self._pools, budget)

    def close(self) -> None:
        """See Backend.close."""
        for pool in self._pools:
            pool.close()

    def _do_in_one(self, user: str, operations: Sequence[Operation], spend: Spend | None) -> list[Result]:
        """The common case: all of the user's memories are in one pool."""
        pool, until_ms = stay = self.stays[0]
        if until_ms is not None:
            operations = [closing(op, until_ms) if isinstance(op, Put) else op for op in operations]
        results = pool.do(user, operations, spend)
        if self._renewed is not None:
            for number, (operation, result) in enumerate(zip(operations, results, strict=True)):
                if isinstance(operation, Put):
                    results[number] = self._at_home(user, operation, result, stay)
        return results

    def _do_in_several(self, user: str, operation: Operation, spend: Spend | None) -> Result:
        """One operation, asked of each pool."""
        writes_data = isinstance(operation, Put | Update) and operation.body is not None
        if writes_data and spend is not None and spend.bucket is None:
            # Ahead of several steps; a single one charges by itself.
            try:
                self.spend(user, spend)
            except RateLimited as refused:
                return refused.with_traceback(None)
        if isinstance(operation, Put):
            result, stay = put_in_stays(self._stays_of(operation.id), user, operation, spend)
            return self._at_home(user, operation, result, stay)
        return first_found(
            pool.do(user, [self._for_pool(pool, user, operation)], spend)[0] for pool in self._asked()
        )

    def _do_one_by_one(self, user: str, operations: Sequence[Operation], spend: Spend | None) -> list[Result]:
        """Each operation by itself, after one pool was asked for a token for each.

        After one that a pool could not be reached for, none is tried: each would wait as long.
        """
        if spend is not None and spend.bucket is None and operations:
            self._asked()[0].do(user, [NOTHING] * len(operations), spend)
        bucket = None if spend is None else spend.bucket
        granted = len(operations) if bucket is None else bucket.granted
        results: list[Result] = []
        for operation in operations[:granted]:
            try:
                results.append(self._do_in_several(user, operation, None))
            except (StoreFull, StoreUnavailable) as error:
                results.append(error.with_traceback(None))
                if isinstance(error, StoreUnavailable):
                    break
        results += [StoreUnavailable(str(results[-1])) for _ in operations[len(results) : granted]]
        retry_after_ms = 0 if bucket is None else bucket.retry_after_ms
        return results + [RateLimited(retry_after_ms) for _ in operations[granted:]]

    def _at_home(self, user: str, put: Put, result: Result, stay: Stay) -> Result:
        """The put's result; if it came too late, that of the put in the pool where it belongs."""
        later = next_home(self.stays, self._renewed, user, put, result, stay)
        if later is None:
            return result
        again = PooledBackend(later, renewed=self._renewed, clock=self._clock)
        try:
            return again.do(user, [put])[0]
        except StashError as error:
            return error.with_traceback(None)

    def _for_pool(self, pool: Backend, user: str, operation: Operation) -> Operation:
        """The operation with the caps that are left in this pool."""
        if not isinstance(operation, Update) or operation.body is None:
            return operation
        caps = caps_beside(pool, self.stays, user, operation.bounds.caps)
        return operation._replace(bounds=operation.bounds._replace(caps=caps))

    def _stays_of(self, id: str) -> Sequence[Stay]:
        """The stays, in the order in which a put of this id asks."""
        return self.stays

    def _asked(self) -> list[Backend]:
        """The pools, the one first that new memories go to now, and then the newest."""
        if self._only is not None:
            return self._pools
        now_ms = self._clock() // 1_000_000
        going = (stay.pool for stay in self.stays if stay.until_ms is None or now_ms < stay.until_ms)
        current = next(going, self._pools[0])
        return [current, *(pool for pool in self._pools if pool is not current)]
