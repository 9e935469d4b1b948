"""Forks: SQLite's own state must not be copied into a child, so no connection is open while one is made.

A child that inherits it takes the parent's locks for its own, and from then on locks nothing. See
https://www.sqlite.org/howtocorrupt.html#_carrying_an_open_database_connection_across_a_fork_
"""

import os
import sqlite3
import threading
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stash_memory.backends.sqlite.connections import Connections
    from stash_memory.backends.sqlite.links import Link

_watched: "weakref.WeakSet[Connections]" = weakref.WeakSet()
_one_at_a_time = threading.Lock()
_paused: "list[tuple[Connections, list[Link]]]" = []
_abandoned: list[sqlite3.Connection | None] = []


def watch(connections: "Connections") -> None:
    """From now on, closes the connections before a fork; parent and child open their own again."""
    with _one_at_a_time:
        _watched.add(connections)


def _before() -> None:
    _one_at_a_time.acquire()
    _paused.extend((connections, connections.pause()) for connections in list(_watched))


def _in_parent() -> None:
    for connections, _ in _paused:
        connections.resume()
    _paused.clear()
    _one_at_a_time.release()


def _in_child() -> None:
    global _one_at_a_time
    for connections, stuck in _paused:
        # A thread of the parent was inside this one for seconds: never used here, and never closed.
        for link in stuck:
            _abandoned.append(link.db)
            link.db = None
        connections.restart()
    _paused.clear()
    _one_at_a_time = threading.Lock()


# Windows has no fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
