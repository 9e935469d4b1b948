"""Procedures: what a method does in several calls, as generators that sync and async code both drive. No I/O.

A procedure yields steps (an operation, Wait or Apply) and receives each answer, so it is written only once.
"""

import random
import time
from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, TypeVar

from stash_memory.client.memory import UNSET, Entry, Memory
from stash_memory.client.namespace import Duration, Namespace, to_seconds
from stash_memory.errors import MemoryMissing, PayloadTooLarge, PreconditionFailed, RateLimited, StashError
from stash_memory.operations import MOST_IN_ONE, Batch, Recall, Single
from stash_memory.records import size_of

Done = TypeVar("Done")
Procedure: TypeAlias = Generator[Any, Any, Done]
Result: TypeAlias = Memory | StashError | None
Results: TypeAlias = list[Result]

# The pause between two tries of a transform doubles from the first to the last; a random part of it is waited.
FIRST_WAIT_S = 0.001
LAST_WAIT_S = 0.1
# The most bytes of JSON text in one batch: with their envelope well below the service's 10 MB.
MOST_BYTES = 8_000_000


class Wait(NamedTuple):
    """A step: let so many seconds pass."""

    seconds: float


class Apply(NamedTuple):
    """A step: call the caller's function with the argument. Async code awaits an awaitable result."""

    function: Callable[[Any], Any]
    argument: Any


class End(NamedTuple):
    """The end of a procedure, with its return value."""

    value: Any


def run(procedure: Procedure[Done], act: Callable[[Any], Any]) -> Done:
    """Drives the procedure: `act` does each step, and its errors are raised inside the procedure."""
    step = advance(procedure, None, None)
    while not isinstance(step, End):
        answer, failure = None, None
        try:
            answer = act(step)
        except Exception as error:
            failure = error
        # Outside the except, so that an error of the procedure has no other error as its context.
        step = advance(procedure, answer, failure)
    return step.value  # type: ignore[no-any-return]


async def run_async(procedure: Procedure[Done], act: Callable[[Any], Awaitable[Any]]) -> Done:
    """Drives the procedure with an `act` to await."""
    step = advance(procedure, None, None)
    while not isinstance(step, End):
        answer, failure = None, None
        try:
            answer = await act(step)
        except Exception as error:
            failure = error
        step = advance(procedure, answer, failure)
    return step.value  # type: ignore[no-any-return]


def advance(procedure: Procedure[Any], answer: Any, failure: Exception | None) -> Any:
    """Sends the answer, or throws the failure; returns the procedure's next step, or its End."""
    try:
        return procedure.send(answer) if failure is None else procedure.throw(failure)
    except StopIteration as end:
        return End(end.value)


def stash(names: Namespace, data: Any, ttl: Duration | None) -> Procedure[Memory]:
    """Keeps `data` under a new id. In a namespace, a taken id leads to another try."""
    for _ in range(5):
        try:
            memory: Memory = yield names.create(data, ttl)
        except PreconditionFailed:
            continue
        return memory
    raise StashError("No free id was found; try again.")


def find(names: Namespace, key: str) -> Procedure[Entry | None]:
    """Finds the key's line in the listing, without its data; None if there is no memory.

    The key itself is the first of all ids that begin with it.
    """
    names.qualify_id(key)
    page = yield names.list_page(key, None, 1)
    return page.entries[0] if page.entries and page.entries[0].memory_id == key else None


def forget(names: Namespace, key: str, if_version: str | None, missing_ok: bool) -> Procedure[None]:
    """Deletes the key's memory."""
    try:
        yield names.forget(key, if_version)
    except MemoryMissing:
        if not missing_ok:
            raise


def transform(
    names: Namespace,
    key: str,
    function: Callable[[Any], Any],
    ttl: Duration | None,
    default: Any,
    timeout: float,
) -> Procedure[Memory]:
    """Reads the data, applies `function`, and writes the result if nobody else wrote meanwhile; otherwise retries."""
    names.put(key, None, ttl)
    until = time.monotonic() + timeout
    wait = FIRST_WAIT_S
    while True:
        try:
            found: Memory | None = yield names.recall(key)
        except MemoryMissing:
            if default is UNSET:
                raise
            found = None
        data = yield Apply(function, default if found is None else found.data)
        try:
            if found is None:
                memory = yield names.put(key, data, ttl, if_absent=True)
            elif ttl is None:
                memory = yield names.update(key, data, if_version=found.version)
            else:
                memory = yield names.put(key, data, ttl, if_version=found.version)
        except (PreconditionFailed, MemoryMissing):
            if time.monotonic() > until:
                raise PreconditionFailed(
                    f"Others changed {key!r} again and again for {timeout:g} seconds; try again later."
                ) from None
            yield Wait(random.uniform(0, wait))  # noqa: S311 - it keeps two tries apart
            wait = min(2 * wait, LAST_WAIT_S)
            continue
        written: Memory = memory.holding(data)
        return written


def run_batch(names: Namespace, operations: Sequence[Single], max_wait: float) -> Procedure[Results]:
    """Does all operations, a hundred at a time, and retries those that the rate limit refused when it allows them."""
    results: Results = []
    until = time.monotonic() + max_wait
    while len(results) < len(operations):
        piece = take_piece(operations[len(results) :])
        answer: Results = yield Batch(piece)
        accepted, wait = count_accepted(answer)
        if accepted < len(answer) and time.monotonic() + wait > until:
            accepted, wait = len(answer), 0
        for operation, result in zip(piece, answer[:accepted], strict=False):
            if isinstance(operation, Recall) and isinstance(result, PayloadTooLarge):
                # One answer could not hold it together with the others.
                results.append((yield from do_alone(operation)))
            else:
                results.append(names.localize(result))
        if wait:
            yield Wait(wait)
    return results


def take_piece(operations: Sequence[Single]) -> Sequence[Single]:
    """Takes as many operations from the front as fit into one batch, at least one."""
    size = 0
    for number, operation in enumerate(operations[:MOST_IN_ONE]):
        size += size_of(getattr(operation, "body", None) or ())
        if number and size > MOST_BYTES:
            return operations[:number]
    return operations[:MOST_IN_ONE]


def count_accepted(results: Sequence[Result]) -> tuple[int, float]:
    """Counts the results before the rate limit's refusals; the second value: seconds to wait for more."""
    count = len(results)
    while count and isinstance(results[count - 1], RateLimited):
        count -= 1
    if count == len(results):
        return count, 0
    refused = results[count]
    assert isinstance(refused, RateLimited)
    return count, max(0.05, refused.retry_after_ms / 1000)


def do_alone(operation: Single) -> Procedure[Result]:
    """Does one operation of a batch by itself; returns its result, or its error."""
    try:
        result: Result = yield operation
    except StashError as error:
        return error
    return result


def get_many(names: Namespace, keys: Iterable[str], max_wait: float) -> Procedure[dict[str, Any]]:
    """Reads the data of the keys that have memories."""
    wanted = names.list_keys(keys)
    results = yield from run_batch(names, [names.recall(key) for key in wanted], max_wait)
    found: dict[str, Any] = {}
    for key, result in zip(wanted, results, strict=True):
        if isinstance(result, Memory):
            found[key] = result.data
        elif not isinstance(result, MemoryMissing):
            raise name_culprit(result, key)
    return found


def set_many(
    names: Namespace, values: Mapping[str, Any], ttl: Duration | None, max_wait: float
) -> Procedure[dict[str, Memory]]:
    """Keeps every value. If some fail, keeps the others and then raises the first error."""
    if ttl is not None:
        to_seconds(ttl, "ttl")
    puts = [names.put(key, data, ttl) for key, data in values.items()]
    results = yield from run_batch(names, puts, max_wait)
    kept: dict[str, Memory] = {}
    failure: StashError | None = None
    for key, result in zip(values, results, strict=True):
        if isinstance(result, Memory):
            kept[key] = result
        elif failure is None:
            failure = name_culprit(result, key)
    if failure is not None:
        raise failure
    return kept


def forget_many(names: Namespace, keys: Iterable[str], max_wait: float) -> Procedure[int]:
    """Deletes the memories of the keys that have one; returns how many."""
    wanted = names.list_keys(keys)
    results = yield from run_batch(names, [names.forget(key) for key in wanted], max_wait)
    for key, result in zip(wanted, results, strict=True):
        if result is not None and not isinstance(result, MemoryMissing):
            raise name_culprit(result, key)
    return sum(result is None for result in results)


def name_culprit(error: object, key: str) -> StashError:
    """Adds a note to one error of many: the key that it belongs to."""
    assert isinstance(error, StashError)
    error.add_note(f"This was the answer for {key!r}; the others were done.")
    return error
