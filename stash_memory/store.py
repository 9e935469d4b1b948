"""The store: the rules of Stash (ids, JSON, sizes, TTLs) over one backend."""

from stash_memory.backends.base import Backend, Buffer, Purged, Totals
from stash_memory.bucket import Bucket, Spend
from stash_memory.errors import InvalidRequest, PreconditionFailed, StoreUnavailable
from stash_memory.ids import check_id, new_ids
from stash_memory.limits import Limits
from stash_memory.memory import Memory
from stash_memory.payload import check_size, check_text


class Store:
    """The four verbs, for one user at a time, on the memories that `backend` keeps.

    `data` is JSON text in one buffer: its syntax is its parser's business, the rest is checked here.
    `spend` is the request's token, charged in the storage step itself. Every method may raise RateLimited,
    StoreUnavailable and StoreFull, and InvalidRequest for an argument that breaks a rule.
    """

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    def stash(
        self,
        user: str,
        data: Buffer,
        *,
        limits: Limits,
        ttl: object | None = None,
        prefix: str = "",
        spend: Spend | None = None,
    ) -> Memory:
        """Keeps `data` under a new id that begins with `prefix`. Raises PayloadTooLarge, QuotaExceeded."""
        ttl_ms = self._checked(data, limits, ttl)
        for memory_id in new_ids(prefix):
            try:
                record = self.backend.put(
                    user, memory_id, [data], ttl_ms, if_absent=True, spend=spend, caps=limits.caps
                )
            except PreconditionFailed:
                continue
            return Memory.of(memory_id, record)
        raise StoreUnavailable("No free id was found; try again.")

    def put(
        self,
        user: str,
        memory_id: str,
        data: Buffer,
        *,
        limits: Limits,
        ttl: object | None = None,
        if_version: str | None = None,
        if_absent: bool = False,
        spend: Spend | None = None,
    ) -> Memory:
        """Keeps `data` under the caller's own id. Raises PreconditionFailed, PayloadTooLarge, QuotaExceeded."""
        check_id(memory_id)
        ttl_ms = self._checked(data, limits, ttl)
        record = self.backend.put(
            user,
            memory_id,
            [data],
            ttl_ms,
            if_version=if_version,
            if_absent=if_absent,
            spend=spend,
            caps=limits.caps,
        )
        return Memory.of(memory_id, record)

    def recall(
        self,
        user: str,
        memory_id: str,
        *,
        limits: Limits,
        extend: object | None = None,
        unless_version: str | None = None,
        spend: Spend | None = None,
    ) -> Memory:
        """The memory; with `extend`, its remaining life is raised to at least that many seconds.

        Its data is empty while its version is `unless_version`. Raises MemoryNotFound, MemoryExpired.
        """
        check_id(memory_id)
        if extend is None:
            record = self.backend.get(user, memory_id, spend=spend, unless_version=unless_version)
        else:
            record = self.backend.update(
                user,
                memory_id,
                at_least_ms=limits.extension_ms(extend, "extend"),
                max_ttl_ms=limits.max_ttl * 1000,
                spend=spend,
            )
        return Memory.of(memory_id, record)

    def update(
        self,
        user: str,
        memory_id: str,
        *,
        limits: Limits,
        data: Buffer | None = None,
        extra_seconds: object | None = None,
        if_version: str | None = None,
        spend: Spend | None = None,
    ) -> Memory:
        """Replaces the data, adds to the life, or both.

        Raises MemoryNotFound, MemoryExpired, PreconditionFailed, PayloadTooLarge, QuotaExceeded.
        """
        check_id(memory_id)
        if data is None and extra_seconds is None:
            raise InvalidRequest("An update needs data, extra_seconds, or both.")
        extra_ms = None if extra_seconds is None else limits.extension_ms(extra_seconds, "extra_seconds")
        if data is not None:
            self._check_data(data, limits)
        record = self.backend.update(
            user,
            memory_id,
            body=None if data is None else [data],
            extra_ms=extra_ms,
            max_ttl_ms=limits.max_ttl * 1000,
            if_version=if_version,
            spend=spend,
            caps=limits.caps,
        )
        return Memory.of(memory_id, record)

    def forget(
        self, user: str, memory_id: str, *, if_version: str | None = None, spend: Spend | None = None
    ) -> None:
        """Deletes the memory at once. Raises MemoryNotFound, MemoryExpired, PreconditionFailed."""
        self.backend.delete(user, check_id(memory_id), if_version=if_version, spend=spend)

    def spend(self, user: str, spend: Spend) -> Bucket:
        """Charges a token by itself, ahead of work that is not the store's."""
        return self.backend.spend(user, spend)

    def totals(self, user: str | None = None) -> Totals:
        """Live memories and bytes, of one user or of all."""
        return self.backend.totals(user)

    def purge(self, budget: int = 100_000) -> Purged:
        """Removes at most about `budget` expired memories for good."""
        return self.backend.purge(budget)

    def close(self) -> None:
        """Lets go of the backend's files and connections."""
        self.backend.close()

    def _checked(self, data: Buffer, limits: Limits, ttl: object | None) -> int:
        ttl_ms = limits.ttl_ms(ttl)
        self._check_data(data, limits)
        return ttl_ms

    def _check_data(self, data: Buffer, limits: Limits) -> None:
        check_size(len(data), limits.payload_bytes)
        check_text(data, "data")
