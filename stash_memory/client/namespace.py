"""Keys and data as callers give them, made into calls, and answers as they read them. No I/O."""

from collections.abc import Iterable
from typing import Any

from stash_memory.client import calls
from stash_memory.client.data import encode
from stash_memory.client.durations import Duration, seconds
from stash_memory.client.memory import UNSET, Memory, Page
from stash_memory.errors import InvalidRequest
from stash_memory.ids import check_id, check_prefix, new_ids


class Namespace:
    """Ids that begin with `prefix`, which goes onto every id on its way in and off it on its way out."""

    __slots__ = ("prefix",)

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix

    def inner(self, name: str) -> "Namespace":
        """The namespace `name` inside this one: the slash at its end is added where it is missing."""
        if not isinstance(name, str):
            raise TypeError(f"A namespace's name must be a str, not {type(name).__name__}.")
        prefix = f"{self.prefix}{name.removesuffix('/')}/"
        check_id(f"{prefix}x")
        return Namespace(prefix)

    def whole(self, key: str) -> str:
        """The whole id of `key`, which is yet to be checked. Raises TypeError."""
        if not isinstance(key, str):
            raise TypeError(f"A key must be a str, not {type(key).__name__}.")
        return self.prefix + key

    def id(self, key: str) -> str:
        """The whole id of `key`. Raises TypeError, and InvalidRequest for what no memory can be called."""
        return check_id(self.whole(key))

    def start(self, prefix: str) -> str:
        """The whole of a `prefix` of ids, which may be empty. Raises TypeError, InvalidRequest."""
        if not isinstance(prefix, str):
            raise TypeError(f"A prefix must be a str, not {type(prefix).__name__}.")
        return check_prefix(self.prefix + prefix)

    def create(self, data: Any, ttl: Duration | None) -> calls.Create | calls.Put:
        """Keep `data` under an id of its own: the store's choice, or inside a namespace ours."""
        text = encode(data)
        life = None if ttl is None else seconds(ttl, "ttl")
        if not self.prefix:
            return calls.Create(text, life)
        return calls.Put(check_id(next(new_ids(self.prefix))), text, life, if_absent=True)

    def put(
        self,
        key: str,
        data: Any,
        ttl: Duration | None,
        if_version: str | None = None,
        if_absent: bool = False,
    ) -> calls.Put:
        """Keep `data` under `key`."""
        if if_absent and if_version is not None:
            raise InvalidRequest("if_absent and if_version contradict each other; give one of them.")
        life = None if ttl is None else seconds(ttl, "ttl")
        return calls.Put(self.id(key), encode(data), life, _version(if_version), if_absent)

    def recall(self, key: str, extend: Duration | None = None) -> calls.Recall:
        """Read `key`."""
        return calls.Recall(self.id(key), None if extend is None else seconds(extend, "extend"))

    def update(
        self, key: str, data: Any = UNSET, extra: Duration | None = None, if_version: str | None = None
    ) -> calls.Update:
        """Change `key`: its data, its life, or both."""
        memory_id = self.id(key)
        text = None if data is UNSET else encode(data)
        extra_seconds = None if extra is None else seconds(extra, "extra_seconds")
        if text is None and extra_seconds is None:
            raise InvalidRequest("An update needs data, extra_seconds, or both.")
        return calls.Update(memory_id, text, extra_seconds, _version(if_version))

    def forget(self, key: str, if_version: str | None = None) -> calls.Forget:
        """Delete `key`."""
        return calls.Forget(self.id(key), _version(if_version))

    def forget_prefix(self, prefix: str) -> calls.ForgetPrefix:
        """Delete all that begins with `prefix`, which is empty only where that means a namespace."""
        start = self.start(prefix)
        if not start:
            raise InvalidRequest("An empty prefix would forget everything; name a prefix.", field="prefix")
        return calls.ForgetPrefix(start)

    def page(self, prefix: str, cursor: str | None, limit: int) -> calls.ListPage:
        """List what begins with `prefix`."""
        return calls.ListPage(self.start(prefix), cursor, limit)

    def own(self, answer: Any) -> Any:
        """An answer with the ids that this namespace knows."""
        if not self.prefix:
            return answer
        if isinstance(answer, Memory):
            return answer.named(self._short(answer.memory_id))
        if isinstance(answer, Page):
            entries = [entry._replace(memory_id=self._short(entry.memory_id)) for entry in answer.entries]
            return Page(entries, answer.cursor)
        return answer

    def keys(self, keys: Iterable[str]) -> list[str]:
        """The keys, once each. Raises TypeError for a str, which is an iterable of others."""
        if isinstance(keys, str):
            raise TypeError("keys must be several keys, not one str; put it in a list.")
        return list(dict.fromkeys(keys))

    def _short(self, memory_id: str) -> str:
        return memory_id.removeprefix(self.prefix)


def _version(version: str | None) -> str | None:
    if version is None:
        return None
    if not isinstance(version, str):
        raise TypeError(f"if_version must be a memory's version, a str, not {type(version).__name__}.")
    if not (version.isascii() and version.isalnum()):
        raise InvalidRequest("if_version is no version; give a memory's own.", field="if_version")
    return version
