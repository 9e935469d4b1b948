"""A file that others hold, delete or close while it is in use."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from stash_memory.backends.sqlite import links, turns
from stash_memory.errors import MemoryNotFound, StoreUnavailable
from tests.backends import SqliteBackend
from tests.contract.engines import HandClock

BODY = (b'{"a": 1}',)


def stash(backend: SqliteBackend, id: str = "plan") -> str:
    return backend.put("alice", id, BODY, 60_000).version


def test_a_file_that_stays_locked(
    path: Path, backend: SqliteBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = stash(backend)
    for module in (links, turns):
        monkeypatch.setattr(module, "WAIT_S", 0.05)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        for act in (lambda: stash(backend), lambda: backend.delete("alice", "plan")):
            with pytest.raises(
                StoreUnavailable, match=f"{path} stayed locked for over 5 seconds: "
            ) as caught:
                act()
            assert caught.value.applied is False
        assert backend.get("alice", "plan").version == first
    stash(backend)


def test_a_file_that_is_deleted_while_it_is_used(
    path: Path, backend: SqliteBackend, opened: Callable[[], SqliteBackend]
) -> None:
    stash(backend)
    for name in path.parent.iterdir():
        name.unlink()
    backend._connections.link()._checked = 0  # as if 10 ms had passed
    with pytest.raises(
        StoreUnavailable, match=f"{path} was deleted or replaced while it was in use"
    ) as caught:
        stash(backend)
    assert caught.value.applied is False
    stash(backend, "again")
    assert opened().get("alice", "again").size == 8
    with pytest.raises(MemoryNotFound):
        backend.get("alice", "plan")


def test_a_closed_backend_says_so(path: Path, backend: SqliteBackend) -> None:
    stash(backend)
    body = backend.put("alice", "big", (b"x" * 3_000_000,), 60_000) and backend.get("alice", "big").body
    backend.close()
    for act in (lambda: stash(backend), lambda: backend.get("alice", "plan"), lambda: list(body)):
        with pytest.raises(StoreUnavailable, match=f"{path} was closed by this process"):
            act()
    backend.close()
    assert [name.name for name in path.parent.iterdir()] == ["memories.db"]


def test_a_clock_is_read_when_the_write_has_its_turn(
    path: Path, backend: SqliteBackend, clock: HandClock
) -> None:
    stash(backend)
    answers = []
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        started = clock.at_ns // 1_000_000
        waiting = threading.Thread(target=lambda: answers.append(backend.put("alice", "plan", BODY, 500)))
        waiting.start()
        while not backend._connections.turn.locked():
            pass
        clock.at_ns += 100_000 * 1_000_000
        db.execute("COMMIT")
    waiting.join()
    assert answers[0].expires_at_ms == started + 100_500
    assert answers[0].created
    assert backend.get("alice", "plan").remaining_ms == 500
