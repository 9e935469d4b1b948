"""The memory backend leaves nothing behind: what is gone takes no memory, and nobody waits for it to go."""

import tracemalloc
from collections.abc import Callable

import pytest

from stash_memory.bucket import Spend
from stash_memory.errors import MemoryNotFound
from tests.backends import MemoryBackend

HOUR = 3_600_000


class Clock:
    """Stands still until it is moved; in milliseconds, answered in nanoseconds."""

    def __init__(self) -> None:
        self.ms = 1_768_476_600_000

    def __call__(self) -> int:
        return self.ms * 1_000_000


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def backend(clock: Clock) -> MemoryBackend:
    return MemoryBackend(clock=clock)


def grown(work: Callable[[], None]) -> int:
    """Bytes that are held after the work, and were not before."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        work()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def test_overwriting_one_id_leaves_nothing_behind(backend: MemoryBackend, clock: Clock) -> None:
    def work() -> None:
        for n in range(20_000):
            backend.put("alice", "plan", [b"x"], HOUR - 10 * n)
            clock.ms += 1

    assert grown(work) < 50_000


def test_extending_one_id_leaves_nothing_behind(backend: MemoryBackend, clock: Clock) -> None:
    def work() -> None:
        backend.put("alice", "plan", [b"x"], 100)
        for _ in range(20_000):
            clock.ms += 10
            backend.update("alice", "plan", extra_ms=10, max_ttl_ms=HOUR)

    assert grown(work) < 50_000
    assert backend.get("alice", "plan").remaining_ms == 100


def test_putting_and_deleting_leaves_nothing_behind(backend: MemoryBackend) -> None:
    def work() -> None:
        backend.put("alice", "other", [b"x"], HOUR)
        for n in range(20_000):
            backend.put("alice", f"{n}", [b"x" * 100], HOUR)
            backend.delete("alice", f"{n}")

    assert grown(work) < 50_000


def test_what_was_listed_and_deleted_leaves_nothing_behind(backend: MemoryBackend) -> None:
    def work() -> None:
        backend.put("alice", "stays", [b"x"], HOUR)
        for n in range(20_000):
            backend.put("alice", f"goes/{n}", [b"x"], HOUR)
        backend.page("alice")
        backend.delete_prefix("alice", "goes/")
        for n in range(100):
            backend.put("alice", "stays", [b"x"], HOUR - 1 - n)

    assert grown(work) < 900_000


def test_users_who_left_leave_nothing_behind(backend: MemoryBackend, clock: Clock) -> None:
    def work() -> None:
        for n in range(20_000):
            backend.put(f"user{n}", "plan", [b"x"], 7 * 24 * HOUR, spend=Spend(rate=10, burst=10))
            backend.delete(f"user{n}", "plan")
            clock.ms += 10

    assert grown(work) < 100_000


def test_users_who_never_spent_and_left_leave_nothing_behind(backend: MemoryBackend, clock: Clock) -> None:
    def work() -> None:
        for n in range(20_000):
            backend.put(f"user{n}", "plan", [b"x"], 7 * 24 * HOUR)
            backend.delete(f"user{n}", "plan")
            clock.ms += 10

    assert grown(work) < 100_000


def test_users_who_only_ask_leave_nothing_behind(backend: MemoryBackend, clock: Clock) -> None:
    def work() -> None:
        for n in range(20_000):
            with pytest.raises(MemoryNotFound):
                backend.get(f"user{n}", "plan", spend=Spend(rate=10, burst=10))
            clock.ms += 10

    assert grown(work) < 100_000


def test_tombstones_are_a_thousand_at_most(backend: MemoryBackend, clock: Clock) -> None:
    def work() -> None:
        for n in range(20_000):
            backend.put("alice", f"{n}", [b"x"], 5)
            clock.ms += 1

    assert grown(work) < 400_000


def test_tombstones_of_who_never_comes_again_are_gone_after_a_day(
    backend: MemoryBackend, clock: Clock
) -> None:
    def work() -> None:
        for n in range(1_000):
            backend.put("alice", f"{n}", [b"x"], 5)
            clock.ms += 1
        clock.ms += 24 * HOUR + 5
        for _ in range(10):
            backend.put("bob", "plan", [b"x"], 5)

    assert grown(work) < 20_000


def test_a_body_in_tiny_buffers_takes_little_more_than_its_bytes(backend: MemoryBackend) -> None:
    assert grown(lambda: backend.put("alice", "plan", [b"xy"] * 50_000, HOUR) and None) < 150_000


def test_a_writer_never_waits_for_all_that_was_extended(backend: MemoryBackend, clock: Clock) -> None:
    for n in range(5_000):
        backend.put("alice", f"{n}", [b"x"], 100)
    for n in range(5_000):
        backend.update("alice", f"{n}", extra_ms=HOUR, max_ttl_ms=HOUR)
    clock.ms += 100
    due = backend._users._all["alice"]._due
    backend.put("alice", "new", [b"x"], HOUR)
    assert sum(at_ms <= clock.ms for at_ms, _ in due) > 4_900
