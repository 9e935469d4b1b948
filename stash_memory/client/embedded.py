"""A Stash inside this process: the store's rules over a backend of its own, as the local user."""

from typing import Any

from stash_memory import operations
from stash_memory.backends.base import Operation
from stash_memory.client.calls import (
    Call,
    Create,
    Forget,
    ForgetPrefix,
    ListPage,
    Many,
    Put,
    Recall,
    Result,
    Single,
    Update,
)
from stash_memory.client.data import decode
from stash_memory.client.memory import UNSET, Entry, Memory, Page
from stash_memory.errors import StashError
from stash_memory.limits import Limits
from stash_memory.local import USER_ID
from stash_memory.memory import StoredMemory
from stash_memory.store import Store
from stash_memory.times import instant, whole_seconds_left


class Embedded:
    """Makes calls on `store` within `limits`, with no network and no rate limit.

    What it raises is one error, without the driver's behind it: its sentence says what to do.
    """

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._does: dict[type, Any] = {
            Create: self._create,
            Put: self._put,
            Recall: self._recall,
            Update: self._update,
            Forget: self._forget,
            ForgetPrefix: self._forget_prefix,
            ListPage: self._page,
            Many: self._many,
        }

    def read(self, memory_id: str) -> Any:
        """The data alone. Of 300 B on SQLite it takes 8 us, of which SQLite's own part is 4.5."""
        try:
            return decode(b"".join(self._store.read(USER_ID, memory_id)))
        except StashError as error:
            raise error from None

    def do(self, call: Call) -> Any:
        """The call's answer. Raises StashError."""
        try:
            return self._does[type(call)](call)
        except StashError as error:
            raise error from None

    def close(self) -> None:
        """Closes the backend."""
        self._store.close()

    def _create(self, call: Create) -> Memory:
        return answer(self._store.stash(USER_ID, call.text, limits=self._limits, ttl=call.ttl))

    def _put(self, call: Put) -> Memory:
        memory_id, text, ttl, if_version, if_absent = call
        kept = self._store.put(
            USER_ID,
            memory_id,
            text,
            limits=self._limits,
            ttl=ttl,
            if_version=if_version,
            if_absent=if_absent,
        )
        return answer(kept)

    def _recall(self, call: Recall) -> Memory:
        return answer(
            self._store.recall(USER_ID, call.memory_id, limits=self._limits, extend=call.extend), whole=True
        )

    def _update(self, call: Update) -> Memory:
        memory_id, text, extra_seconds, if_version = call
        kept = self._store.update(
            USER_ID,
            memory_id,
            limits=self._limits,
            data=text,
            extra_seconds=extra_seconds,
            if_version=if_version,
        )
        return answer(kept)

    def _forget(self, call: Forget) -> None:
        self._store.forget(USER_ID, call.memory_id, if_version=call.if_version)

    def _forget_prefix(self, call: ForgetPrefix) -> int:
        return self._store.forget_prefix(USER_ID, call.prefix)

    def _page(self, call: ListPage) -> Page:
        page = self._store.list(USER_ID, call.prefix, call.cursor, call.limit)
        entries = [
            Entry(line.id, line.size, whole_seconds_left(line.remaining_ms), instant(line.expires_at_ms))
            for line in page.entries
        ]
        return Page(entries, page.cursor)

    def _many(self, call: Many) -> list[Result]:
        asked = [self._operation(single) for single in call.calls]
        done = self._store.many(USER_ID, asked)
        return [
            answer(result, whole=isinstance(single, Recall)) if isinstance(result, StoredMemory) else result
            for single, result in zip(call.calls, done, strict=True)
        ]

    def _operation(self, call: Single) -> Operation | StashError:
        limits = self._limits
        try:
            match call:
                case Create(text, ttl):
                    return operations.stash(text, limits=limits, ttl=ttl)
                case Put(memory_id, text, ttl, if_version, if_absent):
                    return operations.put(
                        memory_id, text, limits=limits, ttl=ttl, if_version=if_version, if_absent=if_absent
                    )
                case Recall(memory_id, extend):
                    return operations.recall(memory_id, limits=limits, extend=extend)
                case Update(memory_id, new, extra, if_version):
                    return operations.update(
                        memory_id, limits=limits, data=new, extra_seconds=extra, if_version=if_version
                    )
                case Forget(memory_id, if_version):
                    return operations.forget(memory_id, if_version=if_version)
        except StashError as error:
            return error


def answer(kept: StoredMemory, *, whole: bool = False) -> Memory:
    """The store's memory as the library's; `whole` with its data, which is read here and now."""
    data = decode(b"".join(kept.data)) if whole else UNSET
    return Memory(kept.memory_id, kept.ttl_remaining, kept.expires_at_ms, kept.version, data)
