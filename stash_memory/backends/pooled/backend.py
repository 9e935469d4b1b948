"""The backend: each method of the contract, asked of one pool after another."""

import time
from collections.abc import Callable, Sequence

from stash_memory.backends.base import (
    Backend,
    Buffer,
    Caps,
    Operation,
    Page,
    Purged,
    Put,
    Record,
    Result,
    Totals,
)
from stash_memory.backends.performing import perform
from stash_memory.backends.pooled import figures
from stash_memory.backends.pooled.batches import one_by_one
from stash_memory.backends.pooled.finding import find
from stash_memory.backends.pooled.pages import merged
from stash_memory.backends.pooled.puts import left_beside, put
from stash_memory.backends.pooled.stay import Stay
from stash_memory.backends.pooled.stragglers import Renewed, Straggler
from stash_memory.bucket import Bucket, Spend
from stash_memory.errors import StoreUnavailable


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

    `renewed` is for puts that take long: see `stragglers`. `clock` (nanoseconds) only tells which bucket to charge.
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
        self._straggler = Straggler(stays, renewed)
        # Each pool once, the one that came last first.
        self._pools = list({id(stay.pool): stay.pool for stay in reversed(stays)}.values())
        self._only = self._pools[0] if len(stays) == 1 else None

    def get(
        self, user: str, id: str, *, spend: Spend | None = None, unless_version: str | None = None
    ) -> Record:
        """See Backend.get."""
        return find(
            self._asked(), lambda pool: pool.get(user, id, spend=spend, unless_version=unless_version)
        )

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
        """See Backend.put."""
        asked = Put(id, body, ttl_ms, if_version, if_absent, caps, create_before_ms)
        self._charge(user, spend)
        record, stay = put(self._stays_of(id), user, asked, spend)
        later = self._straggler.home(user, asked, record, stay)
        return record if later is None else self._with(later).put(user, **asked._asdict(), spend=spend)

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
        """See Backend.update."""
        if body is not None:
            self._charge(user, spend)
        return find(
            self._asked(),
            lambda pool: pool.update(
                user,
                id,
                body=body,
                extra_ms=extra_ms,
                at_least_ms=at_least_ms,
                max_ttl_ms=max_ttl_ms,
                if_version=if_version,
                spend=spend,
                caps=None if body is None else left_beside(pool, self.stays, user, caps),
            ),
        )

    def delete(
        self, user: str, id: str, *, if_version: str | None = None, spend: Spend | None = None
    ) -> None:
        """See Backend.delete."""
        find(self._asked(), lambda pool: pool.delete(user, id, if_version=if_version, spend=spend))

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
        self._charge(user, spend)
        return merged([pool.page(user, prefix, cursor, limit, spend=spend) for pool in self._pools], limit)

    def many(self, user: str, operations: Sequence[Operation], *, spend: Spend | None = None) -> list[Result]:
        """See Backend.many."""
        if self._only is None:
            return one_by_one(self, self._asked()[0], user, operations, spend)
        results = self._only.many(user, operations, spend=spend)
        for number, (operation, result) in enumerate(zip(operations, results, strict=True)):
            if isinstance(operation, Put) and isinstance(result, Record):
                later = self._straggler.home(user, operation, result, self.stays[0])
                if later is not None:
                    results[number] = perform(self._with(later), user, operation)
        return results

    def spend(self, user: str, spend: Spend) -> Bucket:
        """See Backend.spend."""
        return self._asked()[0].spend(user, spend)

    def totals(self, user: str | None = None) -> Totals:
        """See Backend.totals."""
        return figures.totals(self._pools, user)

    def purge(self, budget: int) -> Purged:
        """See Backend.purge."""
        return figures.purge(self._pools, budget)

    def close(self) -> None:
        """See Backend.close."""
        for pool in self._pools:
            pool.close()

    def _stays_of(self, id: str) -> Sequence[Stay]:
        """The stays, in the order in which a put of this id asks."""
        return self.stays

    def _with(self, stays: Sequence[Stay]) -> "PooledBackend":
        return PooledBackend(stays, renewed=self._renewed, clock=self._clock)

    def _asked(self) -> list[Backend]:
        """The pools, the one first that new memories go to now, and then the newest."""
        if self._only is not None:
            return self._pools
        now_ms = self._clock() // 1_000_000
        going = (stay.pool for stay in self.stays if stay.until_ms is None or now_ms < stay.until_ms)
        current = next(going, self._pools[0])
        return [current, *(pool for pool in self._pools if pool is not current)]

    def _charge(self, user: str, spend: Spend | None) -> None:
        """Ahead of several steps; a single one charges by itself. Raises RateLimited."""
        if spend is not None and spend.bucket is None and self._only is None:
            self.spend(user, spend)
