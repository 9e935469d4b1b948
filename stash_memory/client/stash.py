"""Stash: working memory in three lines of Python."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from stash_memory.client import procedures
from stash_memory.client.base import Base
from stash_memory.client.batch import Batch
from stash_memory.client.choice import Keeper, open_keeper
from stash_memory.client.memory import UNSET, Entry, Memory
from stash_memory.client.namespace import Duration
from stash_memory.client.procedures import Apply, Procedure, Results, Wait, run
from stash_memory.errors import MemoryMissing
from stash_memory.ids import LONGEST_PAGE
from stash_memory.operations import Single

Done = TypeVar("Done")


class Stash(Base):
    """Working memory for agents: keep JSON values, read them back until their TTL runs out.

    Without arguments it keeps them in a SQLite file under STASH_HOME, in this process; `stash serve` and other
    processes share the file. `backend` is "sqlite" (with `path`, a file of your own), "memory" (gone with the object)
    or "redis" (with `redis_url`, or REDIS_URL). `api_key`, or STASH_API_KEY, makes it a client of the hosted service,
    or of the server at `base_url` or STASH_URL. A client waits at most `timeout` seconds for an answer, and at most
    `max_wait` seconds for a rate limit or a server to let a call through. The same code works everywhere.

    Threads and forked children may share it. `with` closes it. Raises BadSetting for arguments that contradict.

    >>> with Stash(backend="memory") as stash:
    ...     memory = stash.set("my-key", {"task": "summarize", "progress": 0.5}, ttl=3600)
    ...     stash.get("my-key")
    {'task': 'summarize', 'progress': 0.5}
    """

    _keeper: Keeper
    _open_keeper = staticmethod(open_keeper)

    def get(self, key: str, default: Any = None) -> Any:
        """Returns the data under `key`, or `default` if there is no memory.

        >>> _ = stash.set("my-key", {"task": "summarize"})
        >>> stash.get("my-key")
        {'task': 'summarize'}
        >>> stash.get("no-such-key", "nothing")
        'nothing'
        """
        try:
            return self._keeper.read(self._names.qualify(key))
        except MemoryMissing:
            return default

    def set(
        self,
        key: str,
        data: Any,
        ttl: Duration | None = None,
        *,
        if_absent: bool = False,
        if_version: str | None = None,
    ) -> Memory:
        """Keeps `data` (any JSON value) under `key` for `ttl` seconds, or the default TTL.

        `if_absent` writes only if the key has no memory, `if_version` only if its memory has this version; otherwise
        raises PreconditionFailed. Raises TypeError, PayloadTooLarge, InvalidRequest.

        >>> stash.set("lock", "agent-7", ttl=30, if_absent=True).ttl
        30
        """
        return self._do(self._names.put(key, data, ttl, if_version, if_absent))  # type: ignore[no-any-return]

    def stash(self, data: Any, ttl: Duration | None = None) -> Memory:
        """Keeps `data` under a new id of 8 characters.

        >>> memory = stash.stash([1, 2, 3], ttl=600)
        >>> stash.recall(memory.memory_id).data
        [1, 2, 3]
        """
        return self._run(procedures.stash(self._names, data, ttl))

    def recall(self, memory_id: str, *, extend: Duration | None = None) -> Memory:
        """Returns the memory with its data; `extend` raises its remaining life to at least so many seconds.

        Raises MemoryNotFound, MemoryExpired.

        >>> _ = stash.set("plan", "sleep", ttl=60)
        >>> stash.recall("plan", extend=600).ttl
        600
        """
        return self._do(self._names.recall(memory_id, extend))  # type: ignore[no-any-return]

    def update(
        self,
        memory_id: str,
        data: Any = UNSET,
        *,
        extra_seconds: Duration | None = None,
        at_least: Duration | None = None,
        if_version: str | None = None,
    ) -> Memory:
        """Replaces the data, lengthens the life, or both; None is data, JSON's null.

        `extra_seconds` adds to the life, `at_least` raises it to at least so much; an update takes one of the two.
        `if_version` raises PreconditionFailed if the memory has another version. Raises MemoryNotFound,
        MemoryExpired, TypeError, PayloadTooLarge.

        >>> memory = stash.stash({"progress": 0.5}, ttl=60)
        >>> stash.update(memory.memory_id, data={"progress": 1}, extra_seconds=60, if_version=memory.version).ttl
        120
        """
        return self._do(self._names.update(memory_id, data, extra_seconds, if_version, at_least))  # type: ignore[no-any-return]

    def extend(self, memory_id: str, seconds: Duration) -> Memory:
        """Adds to the life, up to the maximum TTL from now. Raises MemoryNotFound, MemoryExpired.

        >>> stash.extend(stash.stash("more time", ttl=60).memory_id, 30).ttl
        90
        """
        return self._do(self._names.update(memory_id, extra=seconds))  # type: ignore[no-any-return]

    def forget(self, memory_id: str, *, if_version: str | None = None, missing_ok: bool = False) -> None:
        """Deletes the memory now. Raises MemoryNotFound or MemoryExpired, unless `missing_ok`; PreconditionFailed.

        >>> stash.forget(stash.stash("a secret").memory_id)
        >>> stash.forget("no-such-key", missing_ok=True)
        """
        self._run(procedures.forget(self._names, memory_id, if_version, missing_ok))

    def ttl(self, key: str) -> int | None:
        """Returns the memory's remaining seconds, rounded up, or None if there is no memory. Reads no data.

        >>> _ = stash.set("a", 1, ttl=60)
        >>> stash.ttl("a"), stash.ttl("b")
        (60, None)
        """
        found = self._run(procedures.find(self._names, key))
        return None if found is None else found.ttl

    def exists(self, key: str) -> bool:
        """Whether `key` has a memory. Reads no data.

        >>> _ = stash.set("a", None)
        >>> stash.exists("a"), stash.exists("b")
        (True, False)
        """
        return self._run(procedures.find(self._names, key)) is not None

    def transform(
        self,
        key: str,
        function: Callable[[Any], Any],
        *,
        ttl: Duration | None = None,
        default: Any = UNSET,
        timeout: float = 60,
    ) -> Memory:
        """Replaces the data by the result of `function(data)`, and loses no concurrent write.

        If another writer comes first, the data is read and `function` called again, so `function` should have no side
        effects. The life continues, or restarts with `ttl`. If the key has no memory, `function` gets `default`;
        without a default, raises MemoryNotFound or MemoryExpired. Raises PreconditionFailed if other writers come
        first for `timeout` seconds. Raises StoreUnavailable, rather than apply a write twice, if it is unknown
        whether the own write was applied.

        >>> stash.transform("visits", lambda count: count + 1, default=0).data
        1
        >>> stash.transform("visits", lambda count: count + 1, default=0).data
        2
        """
        return self._run(procedures.transform(self._names, key, function, ttl, default, timeout))

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """Yields the memories whose ids begin with `prefix`, in order of the ids' UTF-8 bytes, without their data.

        Reads pages as the iteration goes on, and shows a memory that lives throughout exactly once.

        >>> for name in ("run/1", "run/2", "walk/1"):
        ...     _ = stash.set(name, name)
        >>> [entry.memory_id for entry in stash.list("run/")]
        ['run/1', 'run/2']
        """
        cursor = None
        page_of = self._names.list_page(prefix, None, LONGEST_PAGE)
        while True:
            page = self._do(page_of._replace(cursor=cursor))
            yield from page.entries
            cursor = page.cursor
            if cursor is None:
                return

    def forget_prefix(self, prefix: str) -> int:
        """Forgets every memory whose id begins with `prefix`, one by one; returns how many.

        An empty prefix is allowed only in a namespace, and empties the namespace. Raises InvalidRequest.

        >>> _ = stash.set_many({"run-4/a": 1, "run-4/b": 2, "run-42/a": 3})
        >>> stash.forget_prefix("run-4/")
        2
        """
        return self._do(self._names.forget_prefix(prefix))  # type: ignore[no-any-return]

    def get_many(self, keys: Iterable[str]) -> dict[str, Any]:
        """Returns the data of the `keys` that have memories; a hundred keys make one batch.

        >>> _ = stash.set("a", 1)
        >>> stash.get_many(["a", "b"])
        {'a': 1}
        """
        return self._run(procedures.get_many(self._names, keys, self._max_wait))

    def set_many(self, values: Mapping[str, Any], ttl: Duration | None = None) -> dict[str, Memory]:
        """Keeps each of the `values` under its key; a hundred values make one batch.

        If some fail, keeps the others and then raises the first error.

        >>> memories = stash.set_many({"a": 1, "b": 2}, ttl=60)
        >>> memories["b"].ttl
        60
        """
        return self._run(procedures.set_many(self._names, values, ttl, self._max_wait))

    def forget_many(self, keys: Iterable[str]) -> int:
        """Forgets the `keys` that have memories; returns how many.

        >>> _ = stash.set("a", 1)
        >>> stash.forget_many(["a", "b"])
        1
        """
        return self._run(procedures.forget_many(self._names, keys, self._max_wait))

    def batch(self) -> Batch:
        """Starts a batch: calls that go out together, with a result for each.

        >>> with stash.batch() as batch:
        ...     batch.set("a", 1)
        ...     batch.recall("a")
        >>> batch.results[1].data
        1
        """
        return Batch(self._names, self._run_batch)

    def close(self) -> None:
        """Closes files and connections; afterwards every method raises StoreUnavailable.

        >>> stash.close()
        """
        if not self._is_view:
            self._keeper.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run_batch(self, operations: Sequence[Single]) -> Results:
        return self._run(procedures.run_batch(self._names, operations, self._max_wait))

    def _do(self, operation: Any) -> Any:
        return self._names.localize(self._keeper.do(operation))

    def _act(self, step: Any) -> Any:
        if isinstance(step, Wait):
            return time.sleep(step.seconds)
        if isinstance(step, Apply):
            return step.function(step.argument)
        return self._do(step)

    def _run(self, procedure: Procedure[Done]) -> Done:
        return run(procedure, self._act)
