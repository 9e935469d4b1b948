"""The common part of Stash and AsyncStash: their arguments, their choice of a backend, and their namespaces."""

import os
from typing import Any, Self

from stash_memory.client.choice import Choice, choose
from stash_memory.client.namespace import Namespace


class Base:
    """A Stash without its methods about memories. Subclasses open the keeper with `_open_keeper`."""

    _keeper: Any
    _open_keeper: Any

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
        self._keeper = self._open_keeper(self._choice, timeout=timeout, max_wait=max_wait)
        self._names = Namespace()
        self._max_wait = max_wait
        self._is_view = False

    @property
    def choice(self) -> Choice:
        """The backend in use, its address, and the argument or variable that chose it.

        >>> stash.choice.backend, stash.choice.chosen_by
        ('memory', 'backend=')
        """
        return self._choice

    @property
    def prefix(self) -> str:
        """The beginning that this namespace gives to each id; empty outside a namespace.

        >>> stash.namespace("agent-7").prefix
        'agent-7/'
        """
        return self._names.prefix

    def namespace(self, name: str) -> Self:
        """Returns a view of the memories whose ids begin with `name` and a slash; its keys omit that beginning.

        The view shares this object's connections, and closing it does nothing.

        >>> stash.namespace("agent-7").namespace("plans").prefix
        'agent-7/plans/'
        """
        view = object.__new__(type(self))
        view.__dict__.update(self.__dict__, _names=self._names.enter(name), _is_view=True)
        return view

    def __repr__(self) -> str:
        where = f" at {self._choice.address}" if self._choice.address else ""
        inside = f", namespace {self.prefix!r}" if self.prefix else ""
        return f"<{type(self).__name__} {self._choice.backend}{where}{inside}>"
