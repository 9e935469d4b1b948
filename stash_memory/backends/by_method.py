"""The contract's operations as methods, over `do`: for callers that still ask one by one."""

from collections.abc import Sequence
from typing import Any

from stash_memory.backends import operation as old
from stash_memory.bucket import Spend
from stash_memory.errors import StashError
from stash_memory.operations import Forget, Operation, Put, Recall, Result, Update
from stash_memory.records import Bounds, Buffer, Caps, Record


class ByMethod:
    """Adds get, put, update, delete and many to a backend."""

    def get(
        self, user: str, id: str, *, spend: Spend | None = None, unless_version: str | None = None
    ) -> Record:
        return self._one(user, Recall(id, unless_version), spend)  # type: ignore[no-any-return]

    def put(
        self,
        user: str,
        id: str,
        body: Sequence[Buffer],
        ttl_ms: int,
        *,
        if_version: str | None = None,
        if_absent: bool = False,
        create_before_ms: int | None = None,
        spend: Spend | None = None,
        caps: Caps | None = None,
    ) -> Record:
        put = old.Put(id, body, ttl_ms, if_version, if_absent, caps, create_before_ms)
        return self._one(user, new(put), spend)  # type: ignore[no-any-return]

    def update(
        self,
        user: str,
        id: str,
        *,
        body: Sequence[Buffer] | None = None,
        extra_ms: int | None = None,
        at_least_ms: int | None = None,
        max_ttl_ms: int,
        if_version: str | None = None,
        spend: Spend | None = None,
        caps: Caps | None = None,
    ) -> Record:
        update = old.Update(id, body, extra_ms, at_least_ms, max_ttl_ms, if_version, caps)
        return self._one(user, new(update), spend)  # type: ignore[no-any-return]

    def delete(
        self, user: str, id: str, *, if_version: str | None = None, spend: Spend | None = None
    ) -> None:
        self._one(user, Forget(id, if_version), spend)

    def many(
        self, user: str, operations: Sequence[old.OldOperation], *, spend: Spend | None = None
    ) -> list[Result]:
        return self.do(user, [new(operation) for operation in operations], spend)  # type: ignore[attr-defined, no-any-return]

    def _one(self, user: str, operation: Operation, spend: Spend | None) -> Any:
        [result] = self.do(user, [operation], spend)  # type: ignore[attr-defined]
        if isinstance(result, StashError):
            raise result
        return result


def new(operation: old.OldOperation) -> Operation:
    """The operation as `do` takes it."""
    match operation:
        case old.Get(id=name, unless_version=version):
            return Recall(name, version)
        case old.Put(id=name):
            _, body, ttl_ms, if_version, if_absent, caps, before_ms = operation
            bounds = Bounds(caps=caps, create_before_ms=before_ms)
            return Put(name, body, ttl_ms, if_version, if_absent, bounds)
        case old.Update(id=name):
            _, data, extra_ms, at_least_ms, max_ttl_ms, if_version, caps = operation
            bounds = Bounds(max_ttl_ms=max_ttl_ms, caps=caps)
            if at_least_ms is not None and data is None and extra_ms is None and if_version is None:
                return Recall(name, None, at_least_ms, bounds)
            return Update(name, data, extra_ms, at_least_ms, if_version, bounds)
        case old.Delete(id=name, if_version=version):
            return Forget(name, version)
    raise TypeError(operation)
