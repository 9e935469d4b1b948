"""The store: the rules of Stash (ids, JSON, sizes, TTLs) over one backend."""

from collections.abc import Iterable, Sequence
from itertools import chain

from stash_memory import operations
from stash_memory.backends.base import (
    Backend,
    Buffer,
    Get,
    Operation,
    Page,
    Purged,
    Put,
    Record,
    Totals,
    Update,
)
from stash_memory.bucket import Bucket, Spend
from stash_memory.cursor import cursor_after, id_before
from stash_memory.errors import InvalidRequest, PreconditionFailed, RateLimited, StashError, StoreUnavailable
from stash_memory.ids import check_id, check_prefix, new_ids
from stash_memory.limits import Limits
from stash_memory.memory import StoredMemory
from stash_memory.operations import PutNew

# What a listing shows at once, and at most.
PAGE, LONGEST_PAGE = 100, 1000

# Stands in a batch for an operation that broke a rule, and costs its token: no memory has the empty id.
NOTHING = Get("")


class Store:
    """The verbs, for one user at a time, on the memories that `backend` keeps.

    `data` is JSON text in one buffer: its syntax is its parser's business, the rest is checked here.
    `spend` is the request's token, charged in the storage step itself. Every method may raise RateLimited,
    StoreUnavailable and StoreFull, and InvalidRequest for an argument that breaks a rule.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def stash(
        self,
        user: str,
        data: Buffer,
        *,
        limits: Limits,
        ttl: object | None = None,
        prefix: str = "",
        spend: Spend | None = None,
    ) -> StoredMemory:
        """Keeps `data` under a new id that begins with `prefix`. Raises PayloadTooLarge, QuotaExceeded."""
        put = operations.stash(data, limits=limits, ttl=ttl, prefix=prefix)
        return self._put_new(user, put, spend)

    def put(
        self,
        user: str,
        memory_id: str,
        data: Buffer,
        *,
        limits: Limits,
        ttl: object | None = None,
        if_version: str | None = None,
        if_absent: bool = False,
        spend: Spend | None = None,
    ) -> StoredMemory:
        """Keeps `data` under the caller's own id. Raises PreconditionFailed, PayloadTooLarge, QuotaExceeded."""
        put = operations.put(
            memory_id, data, limits=limits, ttl=ttl, if_version=if_version, if_absent=if_absent
        )
        try:
            return StoredMemory.of(memory_id, self._put(user, put, spend))
        except PreconditionFailed as error:
            raise taken(put, error) from None

    def recall(
        self,
        user: str,
        memory_id: str,
        *,
        limits: Limits,
        extend: object | None = None,
        unless_version: str | None = None,
        spend: Spend | None = None,
    ) -> StoredMemory:
        """The memory; with `extend`, its remaining life is raised to at least that many seconds.

        Its data is empty while its version is `unless_version`. Raises MemoryNotFound, MemoryExpired.
        """
        asked = operations.recall(memory_id, limits=limits, extend=extend, unless_version=unless_version)
        if isinstance(asked, Update):
            return StoredMemory.of(memory_id, self._update(user, asked, spend))
        record = self.backend.get(user, memory_id, spend=spend, unless_version=unless_version)
        return StoredMemory.of(memory_id, record)

    def read(self, user: str, memory_id: str) -> Iterable[Buffer]:
        """A recall of the data alone, for those who count microseconds: the rest of the answer costs two."""
        return self.backend.get(user, check_id(memory_id)).body

    def update(
        self,
        user: str,
        memory_id: str,
        *,
        limits: Limits,
        data: Buffer | None = None,
        extra_seconds: object | None = None,
        if_version: str | None = None,
        spend: Spend | None = None,
    ) -> StoredMemory:
        """Replaces the data, adds to the life, or both.

        Raises MemoryNotFound, MemoryExpired, PreconditionFailed, PayloadTooLarge, QuotaExceeded.
        """
        update = operations.update(
            memory_id, limits=limits, data=data, extra_seconds=extra_seconds, if_version=if_version
        )
        return StoredMemory.of(memory_id, self._update(user, update, spend))

    def forget(
        self, user: str, memory_id: str, *, if_version: str | None = None, spend: Spend | None = None
    ) -> None:
        """Deletes the memory at once. Raises MemoryNotFound, MemoryExpired, PreconditionFailed."""
        delete = operations.forget(memory_id, if_version=if_version)
        self.backend.delete(user, delete.id, if_version=delete.if_version, spend=spend)

    def many(
        self, user: str, asked: Sequence[Operation | StashError], *, spend: Spend | None = None
    ) -> list[StoredMemory | StashError | None]:
        """What becomes of each operation, in order; of a forget that is done, None.

        An error among the operations is its own result, and costs a token like the rest: `spend.cost` is their
        number, and those beyond the tokens are RateLimited, one by one.
        """
        known = [NOTHING if isinstance(one, StashError) else one for one in asked]
        found = self.backend.many(user, known, spend=spend)
        return [self._outcome(user, one, result) for one, result in zip(asked, found, strict=True)]

    def list(
        self,
        user: str,
        prefix: str = "",
        cursor: str | None = None,
        limit: object = PAGE,
        *,
        spend: Spend | None = None,
    ) -> Page:
        """At most `limit` live memories whose ids begin with `prefix`, and the next page's cursor, or None."""
        check_prefix(prefix)
        if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= LONGEST_PAGE:
            raise InvalidRequest(f"limit must be a whole number from 1 to {LONGEST_PAGE}.", field="limit")
        after = None if cursor is None else id_before(cursor)
        page = self.backend.page(user, prefix, after, limit, spend=spend)
        return page if page.cursor is None else page._replace(cursor=cursor_after(page.cursor))

    def forget_prefix(self, user: str, prefix: str, *, spend: Spend | None = None) -> int:
        """Deletes every memory whose id begins with `prefix`; returns how many of them were alive."""
        if not prefix:
            raise InvalidRequest(
                "prefix is missing; to forget everything, forget it prefix by prefix.", field="prefix"
            )
        return self.backend.delete_prefix(user, check_prefix(prefix), spend=spend)

    def spend(self, user: str, spend: Spend) -> Bucket:
        """Charges a token by itself, ahead of work that is not the store's."""
        return self.backend.spend(user, spend)

    def totals(self, user: str | None = None) -> Totals:
        """Live memories and bytes, of one user or of all."""
        return self.backend.totals(user)

    def purge(self, budget: int = 100_000) -> Purged:
        """Removes at most about `budget` expired memories for good."""
        return self.backend.purge(budget)

    def close(self) -> None:
        """Lets go of the backend's files and connections."""
        self.backend.close()

    def _put(self, user: str, put: Put, spend: Spend | None) -> Record:
        return self.backend.put(
            user,
            put.id,
            put.body,
            put.ttl_ms,
            if_version=put.if_version,
            if_absent=put.if_absent,
            spend=spend,
            caps=put.caps,
        )

    def _put_new(self, user: str, put: PutNew, spend: Spend | None) -> StoredMemory:
        for memory_id in chain((put.id,), new_ids(put.prefix)):
            try:
                return StoredMemory.of(memory_id, self._put(user, put._replace(id=memory_id), spend))
            except PreconditionFailed:
                continue
        raise StoreUnavailable("No free id was found; try again.")

    def _update(self, user: str, update: Update, spend: Spend | None) -> Record:
        return self.backend.update(
            user,
            update.id,
            body=update.body,
            extra_ms=update.extra_ms,
            at_least_ms=update.at_least_ms,
            max_ttl_ms=update.max_ttl_ms,
            if_version=update.if_version,
            spend=spend,
            caps=update.caps,
        )

    def _outcome(
        self, user: str, asked: Operation | StashError, result: Record | StashError | None
    ) -> StoredMemory | StashError | None:
        if isinstance(asked, StashError):
            return result if isinstance(result, RateLimited) else asked
        if isinstance(asked, PutNew) and isinstance(result, PreconditionFailed):
            try:
                return self._put_new(user, asked, None)
            except StashError as error:
                return error
        if isinstance(asked, Put) and isinstance(result, PreconditionFailed):
            return taken(asked, result)
        return StoredMemory.of(asked.id, result) if isinstance(result, Record) else result


def taken(put: Put, error: PreconditionFailed) -> PreconditionFailed:
    """The backend's `error`, in the words of what the put asked for."""
    if put.if_absent:
        return PreconditionFailed("There is a memory with this id already, and the request only creates.")
    return error
