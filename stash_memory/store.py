"""The store: the rules of Stash over one backend."""

from collections.abc import Iterable, Sequence
from typing import Any

from stash_memory.backends.base import Backend
from stash_memory.bucket import Bucket, Spend
from stash_memory.errors import PreconditionFailed, RateLimited, StashError, StoreUnavailable
from stash_memory.ids import check_id, cursor_after, id_before
from stash_memory.limits import Limits
from stash_memory.operations import ForgetPrefix, ListPage, Operation, Put, Recall, Single, Stash
from stash_memory.records import Buffer, Page, Purged, Record, StoredMemory, Totals

# Stands in a batch for an operation that broke a rule, and costs its token: no memory has the empty id.
NOTHING = Recall("")


class Store:
    """Checks operations against a user's limits, and has the `backend` perform them, for one user at a time.

    `spend` is the request's token, charged in the storage step itself. Every method may raise RateLimited,
    StoreUnavailable and StoreFull.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def do(self, user: str, operation: Any, limits: Limits, spend: Spend | None = None) -> Any:
        """Does one operation: a StoredMemory, None of a forget, a Page of a listing, how many a prefix forgot.

        Raises InvalidRequest, PayloadTooLarge, and what the operation's verb names.
        """
        operation.check()
        if isinstance(operation, ListPage):
            return self._page(user, operation, spend)
        if isinstance(operation, ForgetPrefix):
            return self.backend.delete_prefix(user, operation.prefix, spend=spend)
        bound = operation.bound(limits)
        if isinstance(bound, Stash):
            return self._stash(user, bound, limits, spend)
        [result] = self.backend.do(user, (bound,), spend)
        if isinstance(result, StashError):
            raise result
        return None if result is None else StoredMemory(bound.id, *result)

    def many(
        self,
        user: str,
        operations: Sequence[Single | StashError],
        limits: Limits,
        spend: Spend | None = None,
    ) -> list[StoredMemory | StashError | None]:
        """Does the operations in order; each has its memory, None of a forget, or its error.

        An error among the operations is its own result, and costs a token like the rest: `spend.cost` is their number,
        and those beyond the tokens are RateLimited, one by one.
        """
        bound = [_bound(operation, limits) for operation in operations]
        known = [_performable(operation, limits) for operation in bound]
        results = self.backend.do(user, known, spend)
        return [
            self._outcome(user, operation, performed, result, limits)
            for operation, performed, result in zip(bound, known, results, strict=True)
        ]

    def read(self, user: str, memory_id: str) -> Iterable[Buffer]:
        """Recalls the data alone, for callers that count microseconds: the rest of the answer costs two."""
        result = self.backend.do(user, (Recall(check_id(memory_id)),))[0]
        if type(result) is Record:
            return result.body
        assert isinstance(result, StashError)
        raise result

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

    def _page(self, user: str, asked: ListPage, spend: Spend | None) -> Page:
        after = None if asked.cursor is None else id_before(asked.cursor)
        page = self.backend.page(user, asked.prefix, after, asked.limit, spend=spend)
        return page if page.cursor is None else page._replace(cursor=cursor_after(page.cursor))

    def _stash(self, user: str, stash: Stash, limits: Limits, spend: Spend | None) -> StoredMemory:
        for put in stash.puts(limits):
            [result] = self.backend.do(user, (put,), spend)
            if isinstance(result, Record):
                return StoredMemory(put.id, *result)
            if isinstance(result, StashError) and not isinstance(result, PreconditionFailed):
                raise result
        raise StoreUnavailable("No free id was found; try again.")

    def _outcome(
        self,
        user: str,
        asked: Single | StashError,
        performed: Operation,
        result: Record | StashError | None,
        limits: Limits,
    ) -> StoredMemory | StashError | None:
        if isinstance(asked, StashError):
            return result if isinstance(result, RateLimited) else asked
        if isinstance(asked, Stash) and isinstance(result, PreconditionFailed):
            # The id is taken: others may be free.
            try:
                return self._stash(user, asked, limits, None)
            except StashError as error:
                return error
        return StoredMemory(performed.id, *result) if isinstance(result, Record) else result


def _bound(operation: Single | StashError, limits: Limits) -> Single | StashError:
    """The operation as it fits the limits, or why it does not."""
    if isinstance(operation, StashError):
        return operation
    try:
        operation.check()
        return operation.bound(limits)
    except StashError as error:
        return error


def _performable(operation: Single | StashError, limits: Limits) -> Operation:
    """The operation as a backend takes it."""
    if isinstance(operation, StashError):
        return NOTHING
    if isinstance(operation, Stash):
        first: Put = next(operation.puts(limits))
        return first
    return operation
