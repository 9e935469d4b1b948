"""The methods that are about one memory."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from stash_memory.client import procedures
from stash_memory.client.durations import Duration
from stash_memory.client.keeper import Keeper
from stash_memory.client.memory import UNSET, Memory
from stash_memory.client.namespace import Namespace
from stash_memory.client.steps import Apply, Procedure, Wait, run
from stash_memory.errors import MemoryMissing

Done = TypeVar("Done")


class Singles:
    """What Stash does with one memory at a time."""

    _keeper: Keeper
    _names: Namespace

    def get(self, key: str, default: Any = None) -> Any:
        """The data under `key`, or `default` where there is none.

        >>> _ = stash.set("my-key", {"task": "summarize"})
        >>> stash.get("my-key")
        {'task': 'summarize'}
        >>> stash.get("no-such-key", "nothing")
        'nothing'
        """
        try:
            return self._keeper.read(self._names.whole(key))
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
        """Keeps `data` (anything that JSON can hold) under `key` for `ttl` seconds, or the default TTL.

        With `if_absent`, only where there is nothing under the key; with `if_version`, only while that is the
        version there; else raises PreconditionFailed. Raises TypeError, PayloadTooLarge, InvalidRequest.

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
        """The memory with its data; `extend` raises its remaining life to at least so many seconds.

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
        if_version: str | None = None,
    ) -> Memory:
        """Replaces the data, adds to the life, or both; None is data, JSON's null.

        With `if_version`, raises PreconditionFailed when that is no longer the version. Raises MemoryNotFound,
        MemoryExpired, TypeError, PayloadTooLarge.

        >>> memory = stash.stash({"progress": 0.5}, ttl=60)
        >>> stash.update(memory.memory_id, data={"progress": 1}, extra_seconds=60, if_version=memory.version).ttl
        120
        """
        call = self._names.update(memory_id, data, extra_seconds, if_version)
        return self._do(call)  # type: ignore[no-any-return]

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
        """The seconds that the memory has left, rounded up, or None where there is none. Reads no data.

        >>> _ = stash.set("a", 1, ttl=60)
        >>> stash.ttl("a"), stash.ttl("b")
        (60, None)
        """
        found = self._run(procedures.find(self._names, key))
        return None if found is None else found.ttl

    def exists(self, key: str) -> bool:
        """Whether there is a memory under `key`. Reads no data.

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
        """Replaces the data with what `function` makes of it, so that no change by anybody else is lost.

        When somebody wrote meanwhile, it is read and `function` called again: it should do nothing but return the
        new data. The life goes on as it was, or starts anew with `ttl`. Where there is nothing under the key,
        `function` gets `default`; without one, raises MemoryNotFound or MemoryExpired. Raises PreconditionFailed
        when others were quicker for `timeout` seconds, and StoreUnavailable where it cannot tell whether its own
        write was applied, rather than apply it twice.

        >>> stash.transform("visits", lambda count: count + 1, default=0).data
        1
        >>> stash.transform("visits", lambda count: count + 1, default=0).data
        2
        """
        return self._run(procedures.transform(self._names, key, function, ttl, default, timeout))

    def _do(self, operation: Any) -> Any:
        return self._names.own(self._keeper.do(operation))

    def _act(self, step: Any) -> Any:
        if isinstance(step, Wait):
            return time.sleep(step.seconds)
        if isinstance(step, Apply):
            return step.function(step.argument)
        return self._do(step)

    def _run(self, procedure: Procedure[Done]) -> Done:
        return run(procedure, self._act)
