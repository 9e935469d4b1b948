"""Writes of bodies over 1 MB: asked about first, then their chunks, then the head that makes them visible."""

from collections.abc import Sequence

from stash_memory.backends.base import Buffer, OldOperation, Put, Record, Result, Update
from stash_memory.backends.body import size_of
from stash_memory.backends.redis import bodies
from stash_memory.backends.redis.caller import Dispatch
from stash_memory.backends.redis.encoding import (
    CHUNKED,
    Answer,
    Task,
    Value,
    begun,
    chunked,
    inline,
)
from stash_memory.backends.redis.keys import keys_of
from stash_memory.backends.redis.wire import Wire
from stash_memory.bucket import Spend
from stash_memory.errors import StashError, StoreFull, StoreUnavailable
from stash_memory.ids import new_version


class Large:
    """Writes large bodies, alone or among other operations. Loose chunks are cleared, or expire."""

    def __init__(self, wire: Wire, dispatch: Dispatch) -> None:
        self._wire = wire
        self._dispatch = dispatch

    def write(
        self, user: str, operation: Put | Update, body: Sequence[Buffer], size: int, spend: Spend | None
    ) -> Record:
        """Charges and checks before a chunk is sent, and checks again at the end, which is what counts."""
        value = self._sent(user, operation, body, size, spend)
        [found] = self._finish(user, [Task(operation, value)])
        if isinstance(found, StashError):
            raise found
        assert isinstance(found, Record)
        return found

    def many(
        self, user: str, operations: Sequence[OldOperation], spend: Spend | None
    ) -> list[Result | Answer]:
        """What becomes of as many operations as there are tokens for.

        A large body's conditions are not looked at before: an operation earlier on may change them.
        """
        sizes = [size_of(_body(operation) or ()) for operation in operations]
        if any(size > bodies.INLINE_BYTES for size in sizes):
            self._dispatch.run(user, (), spend, many=True)
        if spend is not None and spend.bucket is not None:
            operations = operations[: spend.bucket.granted]
        ready: list[Task | StashError] = []
        for operation, size in zip(operations, sizes, strict=False):
            try:
                ready.append(self._ready(user, operation, size))
            except (StoreFull, StoreUnavailable) as error:
                ready.append(error.with_traceback(None))
        results = iter(
            self._finish(user, [task for task in ready if isinstance(task, Task)], spend, many=True)
        )
        done = [next(results, None) if isinstance(task, Task) else task for task in ready]
        granted = len(operations) if spend is None or spend.bucket is None else spend.bucket.granted
        return done[:granted]

    def _ready(self, user: str, operation: OldOperation, size: int) -> Task:
        """The operation with what it writes; chunks are written by then."""
        body = _body(operation)
        if body is None:
            return Task(operation)
        if size <= bodies.INLINE_BYTES:
            return Task(operation, inline(new_version(), body, size))
        return Task(operation, self._sent(user, Put(operation.id, (), 1), body, size, None))

    def _sent(
        self, user: str, operation: Put | Update, body: Sequence[Buffer], size: int, spend: Spend | None
    ) -> Value:
        """Begins, and writes the chunks. Raises what the operation would."""
        version = new_version()
        [found] = self._dispatch.run(user, [Task(operation, begun(version, size))], spend)
        if isinstance(found, StashError):
            raise found
        count = bodies.write(self._wire, keys_of(user), version, body)
        return chunked(version, size, count)

    def _finish(
        self, user: str, tasks: Sequence[Task], spend: Spend | None = None, *, many: bool = False
    ) -> list[Result | Answer]:
        """Runs the tasks, and clears the chunks of those that came to nothing for sure."""
        results: Sequence[Result | Answer] = ()
        try:
            results = found = self._dispatch.run(user, tasks, spend, many=many)
        except StashError as error:
            results = [error] * len(tasks)
            raise
        finally:
            for task, result in zip(tasks, results, strict=False):
                failed = isinstance(result, StashError) and getattr(result, "applied", False) is False
                if failed and task.value is not None and task.value.flag == CHUNKED:
                    bodies.discard(self._wire, keys_of(user), task.value.version)
        return found


def _body(operation: OldOperation) -> Sequence[Buffer] | None:
    return operation.body if isinstance(operation, Put | Update) else None
