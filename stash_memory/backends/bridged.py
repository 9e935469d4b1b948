"""`do` over an engine's own methods, until the engine performs operations itself."""

from collections.abc import Sequence
from typing import Any

from stash_memory import operations
from stash_memory.backends.operation import Delete, Get, OldOperation, Put, Update
from stash_memory.bucket import Spend
from stash_memory.errors import PreconditionFailed, StashError, StoreFull, StoreUnavailable
from stash_memory.law import Closed, taken
from stash_memory.operations import Forget, Operation, Recall, Result


class Bridged:
    """Adds `do` to a backend with get, put, update, delete and many."""

    def do(self: Any, user: str, operations: Sequence[Operation], spend: Spend | None = None) -> list[Result]:
        """See Backend.do."""
        if len(operations) != 1:
            results = self.many(user, [old(operation) for operation in operations], spend=spend)
            return [_worded(one, result) for one, result in zip(operations, results, strict=True)]
        try:
            return [self._one(user, old(operations[0]), spend)]
        except (StoreFull, StoreUnavailable):
            raise
        except StashError as error:
            return [_worded(operations[0], error.with_traceback(None))]

    def _one(self: Any, user: str, operation: OldOperation, spend: Spend | None) -> Result:
        match operation:
            case Get():
                return self.get(user, **operation._asdict(), spend=spend)  # type: ignore[no-any-return]
            case Put():
                return self.put(user, **operation._asdict(), spend=spend)  # type: ignore[no-any-return]
            case Update():
                return self.update(user, **operation._asdict(), spend=spend)  # type: ignore[no-any-return]
            case Delete():
                self.delete(user, **operation._asdict(), spend=spend)
        return None


def _worded(operation: Operation, result: Result) -> Result:
    refused = isinstance(result, PreconditionFailed) and not isinstance(result, Closed)
    return taken() if refused and isinstance(operation, operations.Put) and operation.if_absent else result


def old(operation: Operation) -> OldOperation:
    """The operation in the engine's own words."""
    if isinstance(operation, Recall):
        if operation.at_least_ms is None:
            return Get(operation.id, operation.unless_version)
        bounds = operation.bounds
        return Update(operation.id, at_least_ms=operation.at_least_ms, max_ttl_ms=bounds.max_ttl_ms)
    if isinstance(operation, operations.Put):
        name, body, _, if_version, if_absent, bounds = operation
        return Put(name, body, operation.life_ms, if_version, if_absent, bounds.caps, bounds.create_before_ms)
    if isinstance(operation, Forget):
        return Delete(operation.id, operation.if_version)
    name, new, extra_ms, at_least_ms, if_version, bounds = operation
    return Update(name, new, extra_ms, at_least_ms, bounds.max_ttl_ms, if_version, bounds.caps)


def perform(backend: Any, user: str, operation: OldOperation) -> Result:
    """The operation's record, None of a delete, or the error that it raised."""
    try:
        return Bridged._one(backend, user, operation, None)
    except StashError as error:
        return error.with_traceback(None)
