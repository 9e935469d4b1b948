"""Locks that a fork leaves usable: a child has the locks of all threads, but not the threads to free them."""

import os
import threading
from contextlib import AbstractContextManager
from typing import Any
from weakref import WeakSet

_registry = threading.Lock()
_locks: WeakSet[Any] = WeakSet()
_held: list[Any] = []


def fork_safe_lock() -> AbstractContextManager[bool]:
    """A re-entrant lock that a fork takes first: the child gets it free, and whole what is under it."""
    lock = threading.RLock()
    with _registry:
        _locks.add(lock)
    return lock


def _hold() -> None:
    _registry.acquire()
    for lock in _locks:
        lock.acquire()
        _held.append(lock)


def _let_go() -> None:
    while _held:
        _held.pop().release()
    _registry.release()


# Windows has no fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold, after_in_parent=_let_go, after_in_child=_let_go)
