"""Threads and children: each has a connection of its own, and none outlives who used it."""

import gc
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.backends import SqliteBackend
from tests.library.sqlite.children import forked, started, told

TTL_MS = 60_000


needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts descriptors in /proc")


def descriptors(path: Path) -> int:
    """How many descriptors of the store's files this process has open."""
    count = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            count += os.readlink(f"/proc/self/fd/{name}").startswith(str(path))
        except OSError:
            continue
    return count


@needs_proc
def test_no_connection_is_open_while_a_child_is_made(path: Path, backend: SqliteBackend) -> None:
    backend.put("alice", "parent", (b"1",), TTL_MS)
    assert forked(lambda: descriptors(path)) == {"answer": 0}
    assert backend.get("alice", "parent").size == 1


def test_a_child_writes_through_a_connection_of_its_own(backend: SqliteBackend) -> None:
    backend.put("alice", "parent", (b"1",), TTL_MS)

    def child() -> int:
        backend.put("alice", "child", (b"22",), TTL_MS)
        return backend.get("alice", "parent").size

    assert forked(child) == {"answer": 1}
    assert backend.get("alice", "child").size == 2


def test_the_child_of_a_child(backend: SqliteBackend) -> None:
    backend.put("alice", "parent", (b"1",), TTL_MS)

    def grandchild() -> str:
        return backend.put("alice", "grandchild", (b"1",), TTL_MS).version

    assert "answer" in forked(lambda: (backend.totals("alice"), forked(grandchild))[1]["answer"])
    assert backend.totals("alice").memories == 2


def test_a_child_holds_locks_of_its_own(backend: SqliteBackend, path: Path) -> None:
    """After a careless fork it would believe in its parent's, and lose its log when the parent closes."""
    backend.put("alice", "parent", (b"1",), TTL_MS)
    wait, go = os.pipe()
    ready, steady = os.pipe()

    def child() -> list[str]:
        os.close(go)
        backend.put("alice", "child 1", (b"1",), TTL_MS)
        os.write(steady, b".")
        os.read(wait, 1)
        backend.put("alice", "child 2", (b"1",), TTL_MS)
        return [entry.id for entry in backend.page("alice").entries]

    pid, answer = started(child)
    os.read(ready, 1)
    backend.get("alice", "child 1")
    backend.close()
    assert path.with_name("memories.db-wal").exists()
    os.close(go)
    assert told(pid, answer) == {"answer": ["child 1", "child 2", "parent"]}
    for end in (wait, ready, steady):
        os.close(end)


def test_forks_while_threads_read_and_write(backend: SqliteBackend, look: Callable[..., list[Any]]) -> None:
    stop = threading.Event()
    failures: list[BaseException] = []

    def busy(name: str) -> None:
        number = 0
        try:
            while not stop.is_set():
                number += 1
                backend.put(name, str(number % 50), (b"x" * 2000,), TTL_MS)
                assert backend.get(name, str(number % 50)).size == 2000
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=busy, args=(f"thread {n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for number in range(20):

        def child(number: int = number) -> int:
            for again in range(10):
                backend.put("child", f"{number} {again}", (b"1",), TTL_MS)
            return backend.totals("child").memories

        assert forked(child) == {"answer": 10 * (number + 1)}
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert look("PRAGMA integrity_check") == [("ok",)]


def test_a_child_that_exits_as_python_does_leaves_the_parent_alone(backend: SqliteBackend) -> None:
    backend.put("alice", "parent", (b"1",), TTL_MS)
    pid = os.fork()
    if pid == 0:
        try:
            backend.get("alice", "parent")
            gc.collect()
            sys.exit(0)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    backend.put("alice", "later", (b"1",), TTL_MS)
    assert backend.totals("alice").memories == 2


def test_a_recall_under_way_goes_on_in_parent_and_child(backend: SqliteBackend) -> None:
    backend.put("alice", "big", (b"x" * 3_000_000,), TTL_MS)
    body = iter(backend.get("alice", "big").body)
    first = len(next(body))
    rest = {"answer": 3_000_000 - first}
    assert forked(lambda: sum(map(len, body))) == rest
    assert sum(map(len, body)) == rest["answer"]


@needs_proc
def test_connections_close_with_their_threads(path: Path, backend: SqliteBackend) -> None:
    backend.put("alice", "plan", (b"1",), TTL_MS)
    before = descriptors(path)
    for _ in range(1500):
        thread = threading.Thread(target=backend.get, args=("alice", "plan"))
        thread.start()
        thread.join()
    assert descriptors(path) <= before + 3
    assert len(backend._connections._links) == 1


@needs_proc
def test_close_closes_every_threads_connection(path: Path, backend: SqliteBackend) -> None:
    opened, stop = threading.Barrier(5), threading.Event()

    def hold() -> None:
        backend.put("alice", "plan", (b"1",), TTL_MS)
        opened.wait()
        stop.wait()

    threads = [threading.Thread(target=hold) for _ in range(4)]
    for thread in threads:
        thread.start()
    opened.wait()
    assert descriptors(path) >= 4
    backend.close()
    assert descriptors(path) == 0
    stop.set()
    for thread in threads:
        thread.join()
