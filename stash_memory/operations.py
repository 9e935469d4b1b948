"""What a caller asks of the store, checked against the rules and in the backend's terms."""

from stash_memory.backends.base import Buffer, Delete, Get, Put, Update
from stash_memory.errors import InvalidRequest
from stash_memory.ids import LENGTH, check_id, new_ids
from stash_memory.limits import Limits
from stash_memory.payload import check_size, check_text


class PutNew(Put):
    """A put under an id that the store made: should that be taken, another one with the same prefix will do."""

    __slots__ = ()

    @property
    def prefix(self) -> str:
        """What the id begins with, before the characters that the store made."""
        return self.id[:-LENGTH]


def stash(data: Buffer, *, limits: Limits, ttl: object | None = None, prefix: str = "") -> PutNew:
    """Keeps `data` under a new id that begins with `prefix`. Raises InvalidRequest, PayloadTooLarge."""
    ttl_ms = limits.ttl_ms(ttl)
    check_data(data, limits)
    return PutNew(next(new_ids(prefix)), [data], ttl_ms, if_absent=True, caps=limits.caps)


def put(
    memory_id: str,
    data: Buffer,
    *,
    limits: Limits,
    ttl: object | None = None,
    if_version: str | None = None,
    if_absent: bool = False,
) -> Put:
    """Keeps `data` under the caller's own id. Raises InvalidRequest, PayloadTooLarge."""
    check_id(memory_id)
    ttl_ms = limits.ttl_ms(ttl)
    check_data(data, limits)
    return Put(memory_id, [data], ttl_ms, if_version, if_absent, limits.caps)


def recall(
    memory_id: str, *, limits: Limits, extend: object | None = None, unless_version: str | None = None
) -> Get | Update:
    """Reads; with `extend`, also raises the remaining life to at least that many seconds. Raises InvalidRequest."""
    check_id(memory_id)
    if extend is None:
        return Get(memory_id, unless_version)
    at_least_ms = limits.extension_ms(extend, "extend")
    return Update(memory_id, at_least_ms=at_least_ms, max_ttl_ms=limits.max_ttl * 1000)


def update(
    memory_id: str,
    *,
    limits: Limits,
    data: Buffer | None = None,
    extra_seconds: object | None = None,
    if_version: str | None = None,
) -> Update:
    """Replaces the data, adds to the life, or both. Raises InvalidRequest, PayloadTooLarge."""
    check_id(memory_id)
    if data is None and extra_seconds is None:
        raise InvalidRequest("An update needs data, extra_seconds, or both.")
    extra_ms = None if extra_seconds is None else limits.extension_ms(extra_seconds, "extra_seconds")
    if data is not None:
        check_data(data, limits)
    body = None if data is None else [data]
    return Update(memory_id, body, extra_ms, None, limits.max_ttl * 1000, if_version, limits.caps)


def forget(memory_id: str, *, if_version: str | None = None) -> Delete:
    """Deletes. Raises InvalidRequest."""
    return Delete(check_id(memory_id), if_version)


def check_data(data: Buffer, limits: Limits) -> None:
    """Raises PayloadTooLarge, or InvalidRequest for what is not JSON text that every client could read."""
    check_size(len(data), limits.payload_bytes)
    check_text(data, "data")
