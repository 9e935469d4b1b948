"""The library's answers: memories and listings."""

from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, final

from stash_memory.times import instant


@final
class Unset:
    """The type of UNSET: an omitted argument, if None means JSON's null."""

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final = Unset()


class Memory:
    """A memory, as one answer found it.

    `memory_id`: its id. `ttl`: its remaining seconds, rounded up, so never 0. `expires_at`: the instant of its expiry,
    in UTC, rounded down to a second. `version`: the name of its data, which `if_version=` takes. `data`: its data, only
    in the answers to recall and transform.

    >>> memory = stash.stash({"task": "summarize"}, ttl=600)
    >>> memory.ttl
    600
    >>> stash.recall(memory.memory_id).data
    {'task': 'summarize'}
    """

    __slots__ = ("_data", "_expires_at_ms", "memory_id", "ttl", "version")

    def __init__(self, memory_id: str, ttl: int, expires_at_ms: int, version: str, data: Any = UNSET) -> None:
        self.memory_id = memory_id
        self.ttl = ttl
        self.version = version
        self._expires_at_ms = expires_at_ms
        self._data = data

    @property
    def expires_at(self) -> datetime:
        """The instant of its expiry, in UTC, rounded down to a second.

        >>> (stash.set("a", 1, ttl=60).expires_at - datetime.now(UTC)).total_seconds() <= 60
        True
        """
        return instant(self._expires_at_ms)

    @property
    def data(self) -> Any:
        """The memory's data. Raises AttributeError on an answer that carries none.

        >>> stash.recall(stash.stash([1, 2]).memory_id).data
        [1, 2]
        """
        if self._data is UNSET:
            raise AttributeError("This answer carries no data; recall the memory to have it.")
        return self._data

    def named(self, memory_id: str) -> "Memory":
        """Returns the same memory under another id: the one that a namespace uses.

        >>> stash.set("agent-7/plan", 1).named("plan").memory_id
        'plan'
        """
        return Memory(memory_id, self.ttl, self._expires_at_ms, self.version, self._data)

    def holding(self, data: Any) -> "Memory":
        """Returns the same memory with its data, which the caller knows.

        >>> stash.set("a", 1).holding(1).data
        1
        """
        return Memory(self.memory_id, self.ttl, self._expires_at_ms, self.version, data)

    def __repr__(self) -> str:
        # The data is the caller's, and has no place in a log.
        return (
            f"Memory(memory_id={self.memory_id!r}, ttl={self.ttl}, "
            f"expires_at={self.expires_at:%Y-%m-%dT%H:%M:%SZ}, version={self.version!r})"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Memory):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]  # its data may not be hashable


class Entry(NamedTuple):
    """A line of a listing: `bytes` of JSON text, `ttl` in remaining seconds, and the expiry in UTC.

    >>> _ = stash.set("run/1", "done", ttl=60)
    >>> [(entry.memory_id, entry.bytes, entry.ttl) for entry in stash.list("run/")]
    [('run/1', 6, 60)]
    """

    memory_id: str
    bytes: int
    ttl: int
    expires_at: datetime


class Page(NamedTuple):
    """Some entries of a listing, in order of their ids' UTF-8 bytes, and the cursor of the next page, or None."""

    entries: list[Entry]
    cursor: str | None
