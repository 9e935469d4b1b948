"""A batch: calls noted down, and made together."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from stash_memory.client.durations import Duration
from stash_memory.client.memory import UNSET
from stash_memory.client.namespace import Namespace
from stash_memory.client.several import Results
from stash_memory.operations import Single


class Noted:
    """Calls that are noted down, to be made in this order. `results` are theirs, once they are made."""

    def __init__(self, names: Namespace) -> None:
        self._names = names
        self._calls: list[Single] = []
        self.results: Results = []

    def stash(self, data: Any, ttl: Duration | None = None) -> None:
        """Notes a stash.

        >>> with stash.batch() as batch:
        ...     batch.stash({"task": "summarize"})
        >>> len(batch.results[0].memory_id)
        8
        """
        self._calls.append(self._names.create(data, ttl))

    def set(
        self,
        key: str,
        data: Any,
        ttl: Duration | None = None,
        *,
        if_absent: bool = False,
        if_version: str | None = None,
    ) -> None:
        """Notes a set.

        >>> with stash.batch() as batch:
        ...     batch.set("a", 1, ttl=60)
        >>> batch.results[0].ttl
        60
        """
        self._calls.append(self._names.put(key, data, ttl, if_version, if_absent))

    def recall(self, memory_id: str, *, extend: Duration | None = None) -> None:
        """Notes a recall.

        >>> with stash.batch() as batch:
        ...     batch.recall("nothing")
        >>> batch.results
        [MemoryNotFound('There is no memory with this id: it was forgotten or never existed.')]
        """
        self._calls.append(self._names.recall(memory_id, extend))

    def update(
        self,
        memory_id: str,
        data: Any = UNSET,
        *,
        extra_seconds: Duration | None = None,
        if_version: str | None = None,
    ) -> None:
        """Notes an update.

        >>> with stash.batch() as batch:
        ...     batch.set("a", 1)
        ...     batch.update("a", 2)
        >>> stash.get("a")
        2
        """
        self._calls.append(self._names.update(memory_id, data, extra_seconds, if_version))

    def extend(self, memory_id: str, seconds: Duration) -> None:
        """Notes an extension of the life.

        >>> with stash.batch() as batch:
        ...     batch.set("a", 1, ttl=60)
        ...     batch.extend("a", 30)
        >>> stash.ttl("a")
        90
        """
        self._calls.append(self._names.update(memory_id, extra=seconds))

    def forget(self, memory_id: str, *, if_version: str | None = None) -> None:
        """Notes a forget; its result is None.

        >>> with stash.batch() as batch:
        ...     batch.set("a", 1)
        ...     batch.forget("a")
        >>> batch.results[1] is None
        True
        """
        self._calls.append(self._names.forget(memory_id, if_version))

    def __len__(self) -> int:
        return len(self._calls)

    def _taken(self) -> Sequence[Single]:
        calls, self._calls = self._calls, []
        return calls


class Batch(Noted):
    """Calls that are made together when the `with` block ends without an error, or when `run` is called.

    Each has its result, in order: a Memory, None for a forget, or the error that a call of its own would have
    raised. One that fails does not fail the rest. Over HTTP, a hundred are one request.

    >>> with stash.batch() as batch:
    ...     batch.set("a", 1)
    ...     batch.forget("b")
    ...     batch.recall("a")
    >>> [type(result).__name__ for result in batch.results]
    ['Memory', 'MemoryNotFound', 'Memory']
    """

    def __init__(self, names: Namespace, run: Callable[[Sequence[Single]], Results]) -> None:
        super().__init__(names)
        self._run = run

    def run(self) -> Results:
        """Makes the calls noted since the last run; returns their results.

        Raises StoreUnavailable where the store is not there; of more than a hundred, the first may be done then.

        >>> batch = stash.batch()
        >>> batch.set("a", 1)
        >>> [result.memory_id for result in batch.run()]
        ['a']
        """
        self.results = self._run(self._taken())
        return self.results

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.run()
