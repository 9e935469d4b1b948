"""What the memory backend promises beyond the contract: a bound on bytes, forks, and closing."""

import os
import signal
import threading
import warnings
from collections.abc import Callable

import pytest

from stash_memory.bucket import Spend
from stash_memory.errors import MemoryExpired, MemoryNotFound, RateLimited, StoreFull, StoreUnavailable
from stash_memory.records import Caps
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


def test_a_full_store_takes_no_more_and_keeps_what_it_has(clock: Clock) -> None:
    backend = MemoryBackend(max_bytes=10, clock=clock)
    backend.put("alice", "a", [b"123456"], HOUR)
    backend.put("bob", "b", [b"1234"], HOUR)
    with pytest.raises(StoreFull):
        backend.put("alice", "c", [b"1"], HOUR)
    with pytest.raises(StoreFull):
        backend.update("bob", "b", body=[b"12345"], max_ttl_ms=HOUR)
    with pytest.raises(MemoryNotFound):
        backend.get("alice", "c")
    assert list(backend.get("bob", "b").body) == [b"1234"]
    assert backend.totals() == (2, 10)


def test_a_full_store_lets_a_body_be_replaced_by_one_no_larger(clock: Clock) -> None:
    backend = MemoryBackend(max_bytes=10, clock=clock)
    backend.put("alice", "a", [b"1234567890"], HOUR)
    backend.put("alice", "a", [b"abcdefghij"], HOUR)
    backend.put("alice", "a", [b"abc"], HOUR)
    backend.put("alice", "b", [b"1234567"], HOUR)
    assert backend.totals() == (2, 10)


def test_a_full_store_first_drops_what_expired_of_anyone(clock: Clock) -> None:
    backend = MemoryBackend(max_bytes=3_000, clock=clock)
    for n in range(3_000):
        backend.put(f"user{n % 7}", f"{n}", [b"x"], 50)
    clock.ms += 50
    backend.put("alice", "large", [b"x" * 3_000], HOUR)
    assert backend.totals() == (1, 3_000)
    with pytest.raises(MemoryExpired):
        backend.get("user1", "2990")


def test_a_full_store_still_spends_reads_and_deletes(clock: Clock) -> None:
    backend = MemoryBackend(max_bytes=3, clock=clock)
    backend.put("alice", "a", [b"123"], HOUR)
    spend = Spend(rate=1, burst=2)
    with pytest.raises(StoreFull):
        backend.put("alice", "b", [b"1"], HOUR, spend=spend)
    assert spend.bucket is not None
    assert spend.bucket.remaining == 1
    backend.get("alice", "a", spend=Spend(rate=1, burst=2))
    with pytest.raises(RateLimited):
        backend.get("alice", "a", spend=Spend(rate=1, burst=2))
    backend.delete("alice", "a")
    backend.put("alice", "b", [b"123"], HOUR)


def test_a_budget_of_more_than_a_batch_is_kept_to(backend: MemoryBackend, clock: Clock) -> None:
    for n in range(4_000):
        backend.put("alice", f"{n}", [b"x"], 100)
    clock.ms += 100
    assert backend.purge(1_500) == (1_500, 1_500, True)
    assert backend.purge(2_500) == (2_500, 2_500, False)


def test_caps_on_a_user_of_thousands_of_dead(backend: MemoryBackend, clock: Clock) -> None:
    for n in range(5_000):
        backend.put("alice", f"{n}", [b"x"], 100)
    clock.ms += 100
    assert backend.put("alice", "new", [b"x"], HOUR, caps=Caps(1, 1)).created is True


def test_a_purge_reaches_every_user(backend: MemoryBackend, clock: Clock) -> None:
    for n in range(3_000):
        backend.put(f"user{n}", "plan", [b"x"], 100)
    clock.ms += 100
    assert backend.purge(10_000) == (3_000, 3_000, False)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_forked_child_goes_on_with_a_copy(clock: Clock) -> None:
    backend = MemoryBackend()
    backend.put("alice", "plan", [b"x"], HOUR)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            backend.put("alice", "busy", [b"x"], HOUR)

    writers = [threading.Thread(target=write, daemon=True) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        outcomes = [_outcome_of_fork(backend) for _ in range(20)]
    finally:
        stop.set()
        for writer in writers:
            writer.join(10)
    assert outcomes == [0] * 20
    assert list(backend.get("alice", "plan").body) == [b"x"], "the child's writes are the child's"


def _outcome_of_fork(backend: MemoryBackend) -> int:
    with warnings.catch_warnings():
        # 3.12 warns of what this test is about.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        signal.alarm(10)
        backend.put("alice", "plan", [b"changed"], HOUR)
        os._exit(0 if list(backend.get("alice", "plan").body) == [b"changed"] else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_after_closing_every_method_says_so(backend: MemoryBackend) -> None:
    backend.put("alice", "plan", [b"x"], HOUR)
    backend.close()
    backend.close()
    calls: list[Callable[[], object]] = [
        lambda: backend.get("alice", "plan"),
        lambda: backend.put("alice", "plan", [b"x"], HOUR),
        lambda: backend.update("alice", "plan", extra_ms=1, max_ttl_ms=HOUR),
        lambda: backend.delete("alice", "plan"),
        lambda: backend.delete_prefix("alice", ""),
        lambda: backend.page("alice"),
        lambda: backend.spend("alice", Spend(rate=1, burst=1)),
        lambda: backend.totals(),
        lambda: backend.purge(1),
    ]
    for call in calls:
        with pytest.raises(StoreUnavailable) as caught:
            call()
        assert caught.value.applied is False
