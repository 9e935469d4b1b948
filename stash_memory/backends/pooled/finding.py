"""Finding a memory in one of several pools."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from stash_memory.backends.base import Backend
from stash_memory.errors import MemoryExpired, MemoryMissing

T = TypeVar("T")


def find(pools: Sequence[Backend], asked: Callable[[Backend], T]) -> T:
    """The answer of the first pool that has the memory, or what it raises.

    Where none has it, raises the latest expiry that any of them remembers, or MemoryNotFound.
    """
    errors: list[MemoryMissing] = []
    for pool in pools:
        try:
            return asked(pool)
        except MemoryMissing as error:
            # A traceback would keep the frames of this, and the bodies in them, until the garbage is collected.
            errors.append(error.with_traceback(None))
    expired = [error for error in errors if isinstance(error, MemoryExpired)]
    raise max(expired, key=lambda error: error.expired_at_ms, default=errors[0])
