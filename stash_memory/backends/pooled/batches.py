"""`many` over pools."""

from collections.abc import Sequence

from stash_memory.backends.base import Backend, Get, Operation, Result
from stash_memory.backends.performing import perform
from stash_memory.bucket import Spend
from stash_memory.errors import RateLimited, StoreUnavailable

# Costs a token, and finds nothing: no memory has the empty id.
NOTHING = Get("")


def one_by_one(
    backend: Backend, charging: Backend, user: str, operations: Sequence[Operation], spend: Spend | None
) -> list[Result]:
    """Each operation by its own method, after the pool `charging` was asked for a token for each.

    After one that a pool could not be reached for, none is tried: each would wait as long.
    """
    if not operations:
        return []
    results: list[Result] = []
    granted, retry_after_ms = len(operations), 0
    if spend is not None:
        if spend.bucket is None:
            charging.many(user, [NOTHING] * len(operations), spend=spend)
        assert spend.bucket is not None
        granted, retry_after_ms = spend.bucket.granted, spend.bucket.retry_after_ms
    for operation in operations[:granted]:
        result = perform(backend, user, operation)
        results.append(result)
        if isinstance(result, StoreUnavailable):
            results += [StoreUnavailable(result.detail) for _ in operations[len(results) : granted]]
            break
    return results + [RateLimited(retry_after_ms) for _ in operations[granted:]]
