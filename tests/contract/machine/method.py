"""An operation, done by the method that it is named after instead of by `many`."""

from stash_memory.backends.base import Backend
from stash_memory.bucket import Spend
from stash_memory.records import Record
from tests.by_method import Delete, Get, Put, Update
from tests.by_method import OldOperation as Operation


def method(backend: Backend, user: str, operation: Operation, spend: Spend | None) -> Record | None:
    """What the method answers. Raises what it raises."""
    match operation:
        case Get():
            return backend.get(user, **operation._asdict(), spend=spend)
        case Put():
            return backend.put(user, **operation._asdict(), spend=spend)
        case Update():
            return backend.update(user, **operation._asdict(), spend=spend)
        case Delete():
            return backend.delete(user, **operation._asdict(), spend=spend)  # type: ignore[func-returns-value]
