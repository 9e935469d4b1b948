"""The contract's operations as methods, over `do`: tests name one thing at a time, and a value's errors are raised."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from stash_memory import operations
from stash_memory.bucket import Spend
from stash_memory.errors import StashError
from stash_memory.operations import Result
from stash_memory.records import Bounds, Buffer, Caps, Record


class Get(NamedTuple):
    """A get inside `many`."""

    id: str
    unless_version: str | None = None


class Put(NamedTuple):
    """A put inside `many`."""

    id: str
    body: Sequence[Buffer]
    ttl_ms: int
    if_version: str | None = None
    if_absent: bool = False
    caps: Caps | None = None
    create_before_ms: int | None = None


class Update(NamedTuple):
    """An update inside `many`."""

    id: str
    body: Sequence[Buffer] | None = None
    extra_ms: int | None = None
    at_least_ms: int | None = None
    max_ttl_ms: int = 0
    if_version: str | None = None
    caps: Caps | None = None


class Delete(NamedTuple):
    """A delete inside `many`."""

    id: str
    if_version: str | None = None


OldOperation: TypeAlias = Get | Put | Update | Delete


class ByMethod:
    """Adds get, put, update, delete and many to a backend."""

    def get(
        self, user: str, id: str, *, spend: Spend | None = None, unless_version: str | None = None
    ) -> Record:
        return self._one(user, operations.Recall(id, unless_version), spend)  # type: ignore[no-any-return]

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
        put = Put(id, body, ttl_ms, if_version, if_absent, caps, create_before_ms)
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
        update = Update(id, body, extra_ms, at_least_ms, max_ttl_ms, if_version, caps)
        return self._one(user, new(update), spend)  # type: ignore[no-any-return]

    def delete(
        self, user: str, id: str, *, if_version: str | None = None, spend: Spend | None = None
    ) -> None:
        self._one(user, operations.Forget(id, if_version), spend)

    def many(
        self, user: str, operations: Sequence[OldOperation], *, spend: Spend | None = None
    ) -> list[Result]:
        return self.do(user, [new(operation) for operation in operations], spend)  # type: ignore[attr-defined, no-any-return]

    def _one(self, user: str, operation: operations.Operation, spend: Spend | None) -> Any:
        [result] = self.do(user, [operation], spend)  # type: ignore[attr-defined]
        if isinstance(result, StashError):
            raise result
        return result


def new(operation: OldOperation) -> operations.Operation:
    """The operation as `do` takes it."""
    match operation:
        case Get(id=name, unless_version=version):
            return operations.Recall(name, version)
        case Put(id=name):
            _, body, ttl_ms, if_version, if_absent, caps, before_ms = operation
            bounds = Bounds(caps=caps, create_before_ms=before_ms)
            return operations.Put(name, body, ttl_ms, if_version, if_absent, bounds)
        case Update(id=name):
            _, data, extra_ms, at_least_ms, max_ttl_ms, if_version, caps = operation
            bounds = Bounds(max_ttl_ms=max_ttl_ms, caps=caps)
            if at_least_ms is not None and data is None and extra_ms is None and if_version is None:
                return operations.Recall(name, None, at_least_ms, bounds)
            return operations.Update(name, data, extra_ms, at_least_ms, if_version, bounds)
        case Delete(id=name, if_version=version):
            return operations.Forget(name, version)
    raise TypeError(operation)


class Calls(ByMethod):
    """A backend that the product made, by methods."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)
