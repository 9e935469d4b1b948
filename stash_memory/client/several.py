"""What the methods about many memories do in several calls: generators for `steps` to drive. No I/O."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from stash_memory.client.durations import Duration, seconds
from stash_memory.client.memory import Memory
from stash_memory.client.namespace import Namespace
from stash_memory.client.steps import Procedure, Wait
from stash_memory.errors import MemoryMissing, PayloadTooLarge, RateLimited, StashError
from stash_memory.operations import MOST_IN_ONE, Batch, Recall, Single
from stash_memory.records import size_of

Result: TypeAlias = Memory | StashError | None
Results: TypeAlias = list[Result]

# Bytes of JSON text that go out in one batch: with their envelope well below the service's 10 MB.
MOST_BYTES = 8_000_000


def many(names: Namespace, asked: Sequence[Single], max_wait: float) -> Procedure[Results]:
    """Makes all calls, a hundred at a time: those that the rate limit refused again, when it allows them."""
    results: Results = []
    until = time.monotonic() + max_wait
    while len(results) < len(asked):
        piece = first_piece(asked[len(results) :])
        done: Results = yield Batch(piece)
        accepted, wait = granted(done)
        if accepted < len(done) and time.monotonic() + wait > until:
            accepted, wait = len(done), 0
        for call, result in zip(piece, done[:accepted], strict=False):
            if isinstance(call, Recall) and isinstance(result, PayloadTooLarge):
                # Together with the others it was more than one answer holds.
                results.append((yield from alone(call)))
            else:
                results.append(names.own(result))
        if wait:
            yield Wait(wait)
    return results


def first_piece(asked: Sequence[Single]) -> Sequence[Single]:
    """As many of them as go in one batch: at least one."""
    size = 0
    for number, call in enumerate(asked[:MOST_IN_ONE]):
        size += size_of(getattr(call, "body", None) or ())
        if number and size > MOST_BYTES:
            return asked[:number]
    return asked[:MOST_IN_ONE]


def granted(done: Sequence[Result]) -> tuple[int, float]:
    """How many results stand before those that the rate limit refused, and the seconds to wait for more."""
    count = len(done)
    while count and isinstance(done[count - 1], RateLimited):
        count -= 1
    if count == len(done):
        return count, 0
    refused = done[count]
    assert isinstance(refused, RateLimited)
    return count, max(0.05, refused.retry_after_ms / 1000)


def alone(call: Single) -> Procedure[Result]:
    """The result of one call by itself."""
    try:
        result: Result = yield call
    except StashError as error:
        return error
    return result


def get_many(names: Namespace, keys: Iterable[str], max_wait: float) -> Procedure[dict[str, Any]]:
    """The data of those keys that are there."""
    wanted = names.keys(keys)
    results = yield from many(names, [names.recall(key) for key in wanted], max_wait)
    found: dict[str, Any] = {}
    for key, result in zip(wanted, results, strict=True):
        if isinstance(result, Memory):
            found[key] = result.data
        elif not isinstance(result, MemoryMissing):
            raise noted(result, key)
    return found


def set_many(
    names: Namespace, values: Mapping[str, Any], ttl: Duration | None, max_wait: float
) -> Procedure[dict[str, Memory]]:
    """Keeps all of them. Where some cannot be kept, raises the first one's error after the others are."""
    if ttl is not None:
        seconds(ttl, "ttl")
    asked = [names.put(key, data, ttl) for key, data in values.items()]
    results = yield from many(names, asked, max_wait)
    kept: dict[str, Memory] = {}
    failed: StashError | None = None
    for key, result in zip(values, results, strict=True):
        if isinstance(result, Memory):
            kept[key] = result
        elif failed is None:
            failed = noted(result, key)
    if failed is not None:
        raise failed
    return kept


def forget_many(names: Namespace, keys: Iterable[str], max_wait: float) -> Procedure[int]:
    """Deletes those of the keys that are there; how many they were."""
    wanted = names.keys(keys)
    results = yield from many(names, [names.forget(key) for key in wanted], max_wait)
    for key, result in zip(wanted, results, strict=True):
        if result is not None and not isinstance(result, MemoryMissing):
            raise noted(result, key)
    return sum(result is None for result in results)


def noted(error: object, key: str) -> StashError:
    """The error of one among many, with a note of whose it is."""
    assert isinstance(error, StashError)
    error.add_note(f"This was the answer for {key!r}; the others were done.")
    return error
