"""A user's operations on their way to the script: one call where they fit, the token charged in the first."""

from collections.abc import Sequence
from typing import Any

from stash_memory.backends.base import Result
from stash_memory.backends.redis.encoding import AGAIN, Answer, Task, arguments, result
from stash_memory.backends.redis.keys import keys_of
from stash_memory.backends.redis.registry import Registry
from stash_memory.backends.redis.script import SPARING, WRITING, Script
from stash_memory.backends.redis.wire import Argument, Wire
from stash_memory.bucket import Spend, take
from stash_memory.errors import StoreFull, StoreUnavailable

# What one call carries: a script holds up all other clients while it runs.
MOST = 256
MOST_BYTES = (1 << 20) + 64


class Dispatch:
    """Runs operations, and registers the users who write as active."""

    def __init__(self, wire: Wire, registry: Registry) -> None:
        self._wire = wire
        self._registry = registry

    def run(
        self, user: str, tasks: Sequence[Task], spend: Spend | None = None, *, many: bool = False
    ) -> list[Result | Answer]:
        """What becomes of the tasks, in order; charges `spend` if it is undecided.

        With `many`, of as many of them as there are tokens for, and the store's failures are results too once
        anything was done. Else raises RateLimited and StoreFull. Either way raises StoreUnavailable.
        """
        results: list[Result | Answer] = []
        charging = spend is not None and spend.bucket is None
        while charging or len(results) < len(tasks):
            batch = _batch(tasks, len(results))
            found: list[Any] = []
            now_ms = 0
            try:
                found, now_ms = self._call(user, batch, spend, many=many)
            except StoreFull as full:
                if charging:
                    self.ask(user, [], [], spend, many=many, write=False)
                if not many:
                    raise
                if spend is not None and spend.bucket is not None:
                    tasks = tasks[: spend.bucket.granted]
                results += self._spared(user, batch[: len(tasks) - len(results)], full)
            except StoreUnavailable as error:
                if not results:
                    raise
                results += [
                    StoreUnavailable(error.detail, applied=task.matters and error.applied) for task in batch
                ]
                results += [StoreUnavailable(error.detail) for _ in tasks[len(results) :]]
            if charging and many and spend is not None and spend.bucket is not None:
                tasks = tasks[: spend.bucket.granted]
            charging = False
            for task, answer in zip(batch, found, strict=False):
                if answer[0] == AGAIN:
                    break
                results.append(result(task, answer, now_ms))
        return results

    def one(self, user: str, task: Task, spend: Spend | None = None) -> Result | Answer:
        """As `run` of one task: what it costs to be ready for many is a tenth of a small recall."""
        head, passed = keys_of(user).head(task.operation.id), arguments(task)
        script = SPARING if task.value is None else WRITING
        while True:
            charging = spend is not None and spend.bucket is None
            try:
                [found], now_ms = self.ask(
                    user, [head], passed, spend, script=script, write=task.matters, ttl_ms=task.ttl_ms
                )
            except StoreFull:
                if charging:
                    self.ask(user, [], [], spend, write=False)
                raise
            if found[0] != AGAIN:
                return result(task, found, now_ms)

    def ask(
        self,
        user: str,
        heads: Sequence[bytes],
        passed: Sequence[Argument],
        spend: Spend | None,
        *,
        script: Script = SPARING,
        many: bool = False,
        write: bool,
        ttl_ms: int = 0,
    ) -> tuple[list[Any], int]:
        """Calls the script: what it says of each operation that it did, and its time in milliseconds.

        Charges and settles `spend` if it is undecided. A user who is to keep something for `ttl_ms` is
        registered. Raises RateLimited (but for `many`), StoreUnavailable, StoreFull.
        """
        keys = [*keys_of(user).books, *heads]
        charged: list[Argument] = [b"", b"", b"", b""]
        asked = spend if spend is not None and spend.bucket is None else None
        if asked is not None:
            charged = [asked.interval_us, asked.burst, asked.cost, b"1" if many else b""]
        passed = [*charged, *passed]
        command = script.command(keys, passed)
        if ttl_ms and self._registry.is_due(user, ttl_ms):
            answer = self._registry.along(user, ttl_ms, keys[0], command, write=write)
        else:
            [answer] = self._wire.ask(keys[0], command, write=write)
        now_us, granted, before_us, *found = script.answer(self._wire, keys, passed, answer, write=write)
        if asked is not None:
            _, bucket = take(before_us, now_us, asked, some=many)
            # Should the doubles of Lua ever come out otherwise, what the script did is what counts.
            if granted != bucket.granted:
                bucket = bucket._replace(granted=granted)
            if many:
                asked.bucket = bucket
            else:
                asked.settle(bucket)
        return found, now_us // 1000

    def _call(
        self, user: str, batch: Sequence[Task], spend: Spend | None, *, many: bool
    ) -> tuple[list[Any], int]:
        keys = keys_of(user)
        passed: list[Argument] = []
        for task in batch:
            passed += arguments(task)
        return self.ask(
            user,
            [keys.head(task.operation.id) for task in batch],
            passed,
            spend,
            script=WRITING if any(task.value is not None for task in batch) else SPARING,
            many=many,
            write=any(task.matters for task in batch),
            ttl_ms=max((task.ttl_ms for task in batch), default=0),
        )

    def _spared(self, user: str, batch: Sequence[Task], full: StoreFull) -> list[Result | Answer]:
        """What a full Redis still does of the batch."""
        done = iter(self.run(user, [task for task in batch if task.value is None], many=True))
        return [next(done) if task.value is None else StoreFull(full.detail) for task in batch]


def _batch(tasks: Sequence[Task], start: int) -> Sequence[Task]:
    """The tasks from `start` on that fit in one call: at least one, if there is one."""
    end, total = start, 0
    for task in tasks[start : start + MOST]:
        total += task.bytes
        if total > MOST_BYTES and end > start:
            break
        end += 1
    return tasks[start:end]
