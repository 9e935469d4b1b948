"""Makes operations of the keys, durations and data that callers give, and answers that they read. No I/O."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, TypeAlias

from stash_memory.client.data import encode
from stash_memory.client.memory import UNSET, Memory, Page
from stash_memory.errors import InvalidRequest
from stash_memory.ids import check_id, check_prefix, new_ids
from stash_memory.limits import whole_seconds
from stash_memory.operations import Forget, ForgetPrefix, ListPage, Put, Recall, Stash, Update

Duration: TypeAlias = int | timedelta


class Namespace:
    """A view of the ids that begin with `prefix`: adds it to each key, and removes it from each answer's id."""

    __slots__ = ("prefix",)

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix

    def enter(self, name: str) -> "Namespace":
        """Makes the namespace `name` inside this one; a final slash is optional. Raises TypeError, InvalidRequest."""
        if not isinstance(name, str):
            raise TypeError(f"A namespace's name must be a str, not {type(name).__name__}.")
        prefix = f"{self.prefix}{name.removesuffix('/')}/"
        check_id(f"{prefix}x")
        return Namespace(prefix)

    def qualify(self, key: str) -> str:
        """Returns the whole id of `key`, unchecked. Raises TypeError."""
        if not isinstance(key, str):
            raise TypeError(f"A key must be a str, not {type(key).__name__}.")
        return self.prefix + key

    def qualify_id(self, key: str) -> str:
        """Returns the whole id of `key`. Raises TypeError, and InvalidRequest for an id that no memory can have."""
        return check_id(self.qualify(key))

    def qualify_prefix(self, prefix: str) -> str:
        """Returns the whole of a `prefix` of ids, which may be empty. Raises TypeError, InvalidRequest."""
        if not isinstance(prefix, str):
            raise TypeError(f"A prefix must be a str, not {type(prefix).__name__}.")
        return check_prefix(self.prefix + prefix)

    def create(self, data: Any, ttl: Duration | None) -> Stash | Put:
        """Keeps `data` under a new id: the store chooses it, or in a namespace the client."""
        body, ttl_ms = (encode(data),), _to_ms(ttl, "ttl")
        if not self.prefix:
            return Stash(body, ttl_ms)
        return Put(check_id(next(new_ids(self.prefix))), body, ttl_ms, None, True)

    def put(
        self,
        key: str,
        data: Any,
        ttl: Duration | None,
        if_version: str | None = None,
        if_absent: bool = False,
    ) -> Put:
        """Keeps `data` under `key`."""
        if if_absent and if_version is not None:
            raise InvalidRequest("if_absent and if_version contradict each other; give one of them.")
        ttl_ms = _to_ms(ttl, "ttl")
        return Put(self.qualify_id(key), (encode(data),), ttl_ms, _check_version(if_version), if_absent)

    def recall(self, key: str, at_least: Duration | None = None) -> Recall:
        """Reads `key`."""
        return Recall(self.qualify_id(key), None, _to_ms(at_least, "extend"))

    def update(
        self,
        key: str,
        data: Any = UNSET,
        extra: Duration | None = None,
        if_version: str | None = None,
        at_least: Duration | None = None,
    ) -> Update:
        """Changes `key`: its data, its life, or both."""
        body = None if data is UNSET else (encode(data),)
        extra_ms, at_least_ms = _to_ms(extra, "extra_seconds"), _to_ms(at_least, "at_least")
        update = Update(self.qualify(key), body, extra_ms, at_least_ms, _check_version(if_version))
        update.check()
        return update

    def forget(self, key: str, if_version: str | None = None) -> Forget:
        """Deletes `key`."""
        return Forget(self.qualify_id(key), _check_version(if_version))

    def forget_prefix(self, prefix: str) -> ForgetPrefix:
        """Deletes everything that begins with `prefix`, which may be empty only in a namespace."""
        start = self.qualify_prefix(prefix)
        if not start:
            raise InvalidRequest("An empty prefix would forget everything; name a prefix.", field="prefix")
        return ForgetPrefix(start)

    def list_page(self, prefix: str, cursor: str | None, limit: int) -> ListPage:
        """Lists the memories whose ids begin with `prefix`."""
        return ListPage(self.qualify_prefix(prefix), cursor, limit)

    def localize(self, answer: Any) -> Any:
        """Returns the answer with the ids that this namespace uses."""
        if not self.prefix:
            return answer
        if isinstance(answer, Memory):
            return answer.named(self._shorten(answer.memory_id))
        if isinstance(answer, Page):
            entries = [entry._replace(memory_id=self._shorten(entry.memory_id)) for entry in answer.entries]
            return Page(entries, answer.cursor)
        return answer

    def list_keys(self, keys: Iterable[str]) -> list[str]:
        """Returns each key once. Raises TypeError for a str, which is an iterable of other keys."""
        if isinstance(keys, str):
            raise TypeError("keys must be several keys, not one str; put it in a list.")
        return list(dict.fromkeys(keys))

    def _shorten(self, memory_id: str) -> str:
        return memory_id.removeprefix(self.prefix)


def to_seconds(duration: object, name: str) -> int:
    """Converts `duration`, an int or a timedelta, to whole seconds; the store checks their number.

    Raises TypeError for anything else, and InvalidRequest for a fraction of a second.
    """
    if type(duration) is int:
        return duration
    if isinstance(duration, timedelta):
        whole = duration // timedelta(seconds=1)
        if timedelta(seconds=whole) != duration:
            raise InvalidRequest(f"{name} must be whole seconds; {duration!r} is not.", field=name)
        return whole
    raise TypeError(f"{name} must be whole seconds (an int) or a timedelta, not {type(duration).__name__}.")


def _to_ms(duration: Duration | None, name: str) -> int | None:
    """Converts an optional duration to milliseconds. Raises TypeError, InvalidRequest."""
    return None if duration is None else whole_seconds(to_seconds(duration, name), name) * 1000


def _check_version(version: str | None) -> str | None:
    if version is None:
        return None
    if not isinstance(version, str):
        raise TypeError(f"if_version must be a memory's version, a str, not {type(version).__name__}.")
    if not (version.isascii() and version.isalnum()):
        raise InvalidRequest("if_version is no version; give a memory's own.", field="if_version")
    return version
