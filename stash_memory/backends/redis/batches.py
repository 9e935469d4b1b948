"""Several operations in as few calls of the script as they fit in."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from stash_memory.backends.body import INLINE_BYTES
from stash_memory.backends.redis.bodies import Bodies
from stash_memory.backends.redis.caller import Caller, out_of_tokens, tokens_of
from stash_memory.backends.redis.encoding import (
    AGAIN,
    Elsewhere,
    Value,
    build_inline,
    decode,
    encode,
    life_ms,
    matters,
)
from stash_memory.backends.redis.keys import keys_of
from stash_memory.backends.redis.script import SPARING, WRITING
from stash_memory.bucket import Spend
from stash_memory.errors import StashError, StoreFull, StoreUnavailable
from stash_memory.ids import new_version
from stash_memory.operations import Operation, Put, Result, Update
from stash_memory.records import Body, size_of

# One call carries at most this much: a script holds up all other clients while it runs.
MOST = 256
MOST_BYTES = (1 << 20) + 64


class Task(NamedTuple):
    """An operation and the record that it writes, if it writes one."""

    operation: Operation
    value: Value | None

    @property
    def bytes(self) -> int:
        """Bytes to send."""
        return 0 if self.value is None else self.value.bytes


class Batches:
    """Performs batches."""

    def __init__(self, caller: Caller, bodies: Bodies) -> None:
        self._caller = caller
        self._bodies = bodies

    def perform(self, user: str, operations: Sequence[Operation], spend: Spend | None) -> list[Result]:
        """See Backend.do. One round trip for up to 256 operations and 1 MB either way; more for bodies over 1 MB.

        Chunks are written before any operation is performed, and without a look at their operation's conditions,
        as an earlier operation may change those.
        """
        sizes = [size_of(_body_of(operation) or ()) for operation in operations]
        if any(size > INLINE_BYTES for size in sizes):
            self._caller.charge(user, spend, some=True)
        ready = [
            self._prepare(user, operation, size)
            for operation, size in zip(_keep_affordable(operations, spend), sizes, strict=False)
        ]
        found = iter(self._finish(user, [task for task in ready if isinstance(task, Task)], spend))
        done = [next(found, None) if isinstance(task, Task) else task for task in ready]
        results: list[Result] = [
            self._with_body(user, operation, one)
            for operation, one in zip(_keep_affordable(operations, spend), done, strict=False)
        ]
        return results + [out_of_tokens(spend) for _ in operations[len(results) :]]

    def _prepare(self, user: str, operation: Operation, size: int) -> Task | StashError:
        """The operation with the record that it writes; its chunks are written by then."""
        body = _body_of(operation)
        if body is None:
            return Task(operation, None)
        if size <= INLINE_BYTES:
            return Task(operation, build_inline(new_version(), body, size))
        try:
            # A put that only opens the hash for the chunks, and that nothing refuses.
            value = self._bodies.send(user, Put(operation.id, (), 1), body, size)
        except (StoreFull, StoreUnavailable) as error:
            return _strip_frames(error)
        return value if isinstance(value, StashError) else Task(operation, value)

    def _with_body(self, user: str, operation: Operation, found: Result | Elsewhere) -> Result:
        if isinstance(found, Elsewhere):
            # Without `most`, only chunks are elsewhere.
            return self._bodies.read(user, operation.id, found)
        return found

    def _finish(self, user: str, tasks: Sequence[Task], spend: Spend | None) -> list[Result | Elsewhere]:
        """Performs the tasks, and clears the chunks of those that were not applied for sure."""
        results: Sequence[Result | Elsewhere] = ()
        try:
            results = found = self._run(user, tasks, spend)
        except StashError as error:
            results = [error] * len(tasks)
            raise
        finally:
            for task, one in zip(tasks, results, strict=False):
                self._bodies.discard_if_refused(user, task.value, one)
        return found

    def _run(self, user: str, tasks: Sequence[Task], spend: Spend | None) -> list[Result | Elsewhere]:
        """The results of as many tasks as have tokens; failures are results once anything was done.

        Raises StoreUnavailable.
        """
        results: list[Result | Elsewhere] = []
        while len(results) < len(tasks):
            batch = _cut_batch(tasks[len(results) :])
            found: list[Any] = []
            now_ms = 0
            charging = spend is not None and spend.bucket is None
            try:
                found, now_ms = self._call(user, batch, spend)
            except StoreFull as full:
                if charging:
                    self._caller.charge(user, spend, some=True)
                tasks = _keep_affordable(tasks, spend)
                results += self._spared(user, batch[: len(tasks) - len(results)], full)
            except StoreUnavailable as error:
                if not results:
                    raise
                results += [
                    StoreUnavailable(error.detail, applied=matters(*task) and error.applied) for task in batch
                ]
                results += [StoreUnavailable(error.detail) for _ in tasks[len(results) :]]
            tasks = _keep_affordable(tasks, spend)
            for task, answer in zip(batch, found, strict=False):
                if answer[0] == AGAIN:
                    break
                results.append(decode(task.value, answer, now_ms))
        return results

    def _call(self, user: str, batch: Sequence[Task], spend: Spend | None) -> tuple[list[Any], int]:
        keys = keys_of(user)
        return self._caller.ask(
            user,
            [keys.head(task.operation.id) for task in batch],
            [argument for task in batch for argument in encode(*task)],
            spend,
            script=WRITING if any(task.value is not None for task in batch) else SPARING,
            some=True,
            write=any(matters(*task) for task in batch),
            lives_ms=max((life_ms(task.operation) for task in batch), default=0),
        )

    def _spared(self, user: str, batch: Sequence[Task], full: StoreFull) -> list[Result | Elsewhere]:
        """The results of a batch that a full Redis refused: it still performs what needs no memory."""
        done = iter(self._run(user, [task for task in batch if task.value is None], None))
        return [next(done) if task.value is None else StoreFull(full.detail) for task in batch]


def _body_of(operation: Operation) -> Body | None:
    return operation.body if isinstance(operation, Put | Update) else None


def _keep_affordable(some: Any, spend: Spend | None) -> Any:
    """As many of them as have tokens; all if nothing is charged, or nothing is decided."""
    return some if spend is None or spend.bucket is None else some[: tokens_of(spend)]


def _strip_frames(error: StashError) -> StashError:
    """The error as a result: its traceback and its cause would keep frames alive, and the bodies in them."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _cut_batch(tasks: Sequence[Task]) -> Sequence[Task]:
    """The tasks that fit in one call: at least one, if there is one."""
    total = 0
    for count, task in enumerate(tasks[:MOST]):
        total += task.bytes
        if total > MOST_BYTES and count:
            return tasks[:count]
    return tasks[:MOST]
