"""What the methods about one memory do in several calls: generators for `steps` to drive. No I/O."""

import random
import time
from collections.abc import Callable
from typing import Any

from stash_memory.client.durations import Duration
from stash_memory.client.memory import UNSET, Entry, Memory
from stash_memory.client.namespace import Namespace
from stash_memory.client.steps import Apply, Procedure, Wait
from stash_memory.errors import (
    MemoryMissing,
    PreconditionFailed,
    StashError,
)

# Between two tries of a transform: doubled from the first to the last, each time a random part of it.
FIRST_WAIT_S = 0.001
LAST_WAIT_S = 0.1


def stash(names: Namespace, data: Any, ttl: Duration | None) -> Procedure[Memory]:
    """Keeps `data` under a new id; inside a namespace it is tried again where it is taken."""
    for _ in range(5):
        try:
            memory: Memory = yield names.create(data, ttl)
        except PreconditionFailed:
            continue
        return memory
    raise StashError("No free id was found; try again.")


def find(names: Namespace, key: str) -> Procedure[Entry | None]:
    """The key's line in the listing, without its data; None where there is none.

    Of all ids that begin with the key, the key itself is the first.
    """
    names.id(key)
    page = yield names.page(key, None, 1)
    return page.entries[0] if page.entries and page.entries[0].memory_id == key else None


def forget(names: Namespace, key: str, if_version: str | None, missing_ok: bool) -> Procedure[None]:
    """Deletes the key."""
    try:
        yield names.forget(key, if_version)
    except MemoryMissing:
        if not missing_ok:
            raise


def transform(
    names: Namespace,
    key: str,
    function: Callable[[Any], Any],
    ttl: Duration | None,
    default: Any,
    timeout: float,
) -> Procedure[Memory]:
    """Reads, lets `function` make new data, and writes it if nobody has written meanwhile; else again."""
    names.put(key, None, ttl)
    until = time.monotonic() + timeout
    wait = FIRST_WAIT_S
    while True:
        try:
            found: Memory | None = yield names.recall(key)
        except MemoryMissing:
            if default is UNSET:
                raise
            found = None
        data = yield Apply(function, default if found is None else found.data)
        try:
            if found is None:
                memory = yield names.put(key, data, ttl, if_absent=True)
            elif ttl is None:
                memory = yield names.update(key, data, if_version=found.version)
            else:
                memory = yield names.put(key, data, ttl, if_version=found.version)
        except (PreconditionFailed, MemoryMissing):
            if time.monotonic() > until:
                raise PreconditionFailed(
                    f"Others changed {key!r} again and again for {timeout:g} seconds; try again later."
                ) from None
            yield Wait(random.uniform(0, wait))  # noqa: S311 - it keeps two tries apart
            wait = min(2 * wait, LAST_WAIT_S)
            continue
        written: Memory = memory.holding(data)
        return written
