"""Stash: working memory in three lines of Python."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from stash_memory.client import opening, several
from stash_memory.client.batch import Batch
from stash_memory.client.choice import Choice, choose
from stash_memory.client.durations import Duration
from stash_memory.client.memory import Entry, Memory
from stash_memory.client.namespace import Namespace
from stash_memory.client.several import Results
from stash_memory.client.singles import Singles
from stash_memory.cursor import LONGEST_PAGE
from stash_memory.operations import Single


class Stash(Singles):
    """Working memory for agents: keep JSON values, read them back until their TTL runs out.

    Without arguments it keeps them in a SQLite file under STASH_HOME, in this process, which `stash serve` and
    other processes share. `backend` is "sqlite" (with `path`, a file of your own), "memory" (gone with the
    object) or "redis" (with `redis_url`, or REDIS_URL). `api_key`, or STASH_API_KEY, makes it a client of the
    hosted service, or of the server at `base_url` or STASH_URL; there, `timeout` is the most seconds to wait for
    the server, and `max_wait` for a rate limit or a server to let a call through. The same code works everywhere.

    Threads may share it, and forked children too. `with` closes it. Raises BadSetting for what cannot be.

    >>> with Stash(backend="memory") as stash:
    ...     memory = stash.set("my-key", {"task": "summarize", "progress": 0.5}, ttl=3600)
    ...     stash.get("my-key")
    {'task': 'summarize', 'progress': 0.5}
    """

    def __init__(
        self,
        backend: str | None = None,
        *,
        path: str | os.PathLike[str] | None = None,
        redis_url: str | None = None,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float = 30,
        max_wait: float = 30,
    ) -> None:
        self._choice = choose(backend, path=path, redis_url=redis_url, api_key=api_key, base_url=base_url)
        self._keeper = opening.keeper(self._choice, timeout=timeout, max_wait=max_wait)
        self._names = Namespace()
        self._max_wait = max_wait
        self._is_view = False

    @property
    def choice(self) -> Choice:
        """Which backend is used, where, and what chose it.

        >>> stash.choice.backend, stash.choice.chosen_by
        ('memory', 'backend=')
        """
        return self._choice

    @property
    def prefix(self) -> str:
        """What this namespace puts before each id; empty where it is none.

        >>> stash.namespace("agent-7").prefix
        'agent-7/'
        """
        return self._names.prefix

    def namespace(self, name: str) -> "Stash":
        """A view of the memories whose ids begin with `name` and a slash, under what follows that.

        It shares this one's connections; to close it does nothing.

        >>> agent = stash.namespace("agent-7")
        >>> memory = agent.set("plan", ["think"])
        >>> stash.get("agent-7/plan"), [entry.memory_id for entry in agent.list()]
        (['think'], ['plan'])
        """
        view = object.__new__(type(self))
        view.__dict__.update(self.__dict__, _names=self._names.inner(name), _is_view=True)
        return view

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """The memories whose ids begin with `prefix`, in order of the ids' UTF-8 bytes, without their data.

        They are read as the iteration goes on: one that lives throughout is shown exactly once.

        >>> for name in ("run/1", "run/2", "walk/1"):
        ...     _ = stash.set(name, name)
        >>> [entry.memory_id for entry in stash.list("run/")]
        ['run/1', 'run/2']
        """
        cursor = None
        page_of = self._names.page(prefix, None, LONGEST_PAGE)
        while True:
            page = self._do(page_of._replace(cursor=cursor))
            yield from page.entries
            cursor = page.cursor
            if cursor is None:
                return

    def forget_prefix(self, prefix: str) -> int:
        """Forgets every memory whose id begins with `prefix`; returns how many. Each goes by itself.

        It may be empty in a namespace alone, of which nothing is left then. Raises InvalidRequest.

        >>> _ = stash.set_many({"run-4/a": 1, "run-4/b": 2, "run-42/a": 3})
        >>> stash.forget_prefix("run-4/")
        2
        """
        return self._do(self._names.forget_prefix(prefix))  # type: ignore[no-any-return]

    def get_many(self, keys: Iterable[str]) -> dict[str, Any]:
        """The data under those of the `keys` that are there; a hundred at a time.

        >>> _ = stash.set("a", 1)
        >>> stash.get_many(["a", "b"])
        {'a': 1}
        """
        return self._run(several.get_many(self._names, keys, self._max_wait))

    def set_many(self, values: Mapping[str, Any], ttl: Duration | None = None) -> dict[str, Memory]:
        """Keeps each of the `values` under its key; a hundred at a time.

        Where one cannot be kept, the others are, and its error is raised then.

        >>> memories = stash.set_many({"a": 1, "b": 2}, ttl=60)
        >>> memories["b"].ttl
        60
        """
        return self._run(several.set_many(self._names, values, ttl, self._max_wait))

    def forget_many(self, keys: Iterable[str]) -> int:
        """Forgets those of the `keys` that are there; returns how many.

        >>> _ = stash.set("a", 1)
        >>> stash.forget_many(["a", "b"])
        1
        """
        return self._run(several.forget_many(self._names, keys, self._max_wait))

    def batch(self) -> Batch:
        """Calls to note down and make together, with a result for each.

        >>> with stash.batch() as batch:
        ...     batch.set("a", 1)
        ...     batch.recall("a")
        >>> batch.results[1].data
        1
        """
        return Batch(self._names, self._make)

    def close(self) -> None:
        """Lets go of files and connections; afterwards every method raises StoreUnavailable.

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

    def __repr__(self) -> str:
        where = f" at {self._choice.address}" if self._choice.address else ""
        inside = f", namespace {self.prefix!r}" if self.prefix else ""
        return f"<Stash {self._choice.backend}{where}{inside}>"

    def _make(self, operations: Sequence[Single]) -> Results:
        return self._run(several.many(self._names, operations, self._max_wait))
