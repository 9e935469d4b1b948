"""Clearing: the file stays bounded with no purge running, and forgets nothing too early."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from stash_memory.backends.sql import chunks, clearing
from stash_memory.backends.sqlite import file
from stash_memory.bucket import Spend
from stash_memory.errors import MemoryExpired, MemoryNotFound, QuotaExceeded, StoreUnavailable
from stash_memory.law import REMEMBERED
from stash_memory.records import Caps
from tests.backends import SqliteBackend
from tests.by_method import Put
from tests.contract.engines import HandClock

DAY_MS = 24 * 3600 * 1000
COUNT = "SELECT count(*) FROM memories"
BODY = (b"12345",)


def advance(clock: HandClock, ms: int) -> None:
    clock.at_ns += ms * 1_000_000


@pytest.mark.parametrize("users", [1, 3, 40])
def test_writes_keep_the_file_bounded(
    backend: SqliteBackend, clock: HandClock, look: Callable[..., list[Any]], users: int
) -> None:
    most = 0
    for number in range(3000):
        backend.put(f"user {number % users}", str(number), BODY, 100)
        advance(clock, 1)
        if number % 100 == 0:
            most = max(most, look(COUNT)[0][0])
    assert most <= 100 + 2 * clearing.EVERY + file.OTHERS * users


def test_batches_keep_the_file_bounded(
    backend: SqliteBackend, clock: HandClock, look: Callable[..., list[Any]]
) -> None:
    for batch in range(20):
        backend.many("alice", [Put(f"{batch} {number}", BODY, 1) for number in range(500)])
        advance(clock, 1)
    assert look(COUNT)[0][0] <= 1000


def test_what_was_cleared_is_remembered(backend: SqliteBackend, clock: HandClock) -> None:
    expires_at_ms = backend.put("alice", "plan", BODY, 1000).expires_at_ms
    advance(clock, 1000)
    for number in range(100):
        backend.put("bob", str(number), BODY, 60_000)
    assert backend._connections.rows("SELECT * FROM tombstones") == [("alice", "plan", expires_at_ms)]
    with pytest.raises(MemoryExpired) as caught:
        backend.get("alice", "plan")
    assert caught.value.expired_at_ms == expires_at_ms


def test_a_clearing_that_fails_leaves_the_write_alone(
    backend: SqliteBackend, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(file, "Transaction", fail)
    monkeypatch.setattr(chunks, "sweep", fail)
    for number in range(100):
        backend.put("alice", str(number), BODY, 10)
        advance(clock, 1)
    assert backend.totals("alice").memories == 9


def test_a_put_buries_its_tombstone_for_good(backend: SqliteBackend, clock: HandClock) -> None:
    backend.put("alice", "plan", BODY, 1)
    advance(clock, 1)
    backend.purge(10)
    backend.put("alice", "plan", BODY, 1000)
    backend.delete("alice", "plan")
    with pytest.raises(MemoryNotFound):
        backend.get("alice", "plan")


def test_a_purge_works_in_batches(backend: SqliteBackend, clock: HandClock) -> None:
    for _ in range(3):
        backend.many("alice", [Put(f"{random.random()}", BODY, 1) for _ in range(1000)])
    advance(clock, 1)
    statements: list[str] = []
    with backend._connections.link() as db:
        db.set_trace_callback(statements.append)
    purged = backend.purge(2500)
    assert (purged.memories, purged.bytes, purged.more) == (2500, 2500 * 5, True)
    assert sum(statement == "COMMIT" for statement in statements) == 3
    assert backend.purge(2500) == (500, 2500, False)


def test_a_batch_of_large_rows_is_smaller() -> None:
    megabyte = 1 << 20
    rows = [(row, "alice", "id", megabyte, megabyte) for row in range(100)]
    assert clearing.first_batch(rows) == rows[:8]
    rows = [(1, "alice", "id", 1, 100 * megabyte), (2, "alice", "id", 1, 1)]
    assert clearing.first_batch(rows) == rows[:1]
    assert clearing.first_batch([]) == []


def test_a_purge_reaches_every_user(
    backend: SqliteBackend, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "USERS_AT_ONCE", 7)
    for number in range(50):
        backend.put(f"user {number}", "dead", BODY, 1)
        backend.put(f"user {number}", "alive", BODY, 1000)
    advance(clock, 1)
    assert backend.purge(10_000).memories + len(backend._connections.rows("SELECT * FROM tombstones")) >= 50
    assert backend._connections.rows(COUNT) == [(50,)]
    assert backend._connections.rows("SELECT count(*) FROM tombstones") == [(50,)]


def test_a_purge_trims_tombstones(backend: SqliteBackend, clock: HandClock) -> None:
    for start in (0, 700):
        backend.many("alice", [Put(str(number), BODY, 1) for number in range(start, start + 700)])
        advance(clock, 1)
        backend.purge(10_000)
    kept = {row[0] for row in backend._connections.rows("SELECT id FROM tombstones")}
    assert len(kept) == REMEMBERED
    assert {str(number) for number in range(700, 1400)} <= kept
    advance(clock, DAY_MS)
    backend.purge(1)
    assert backend._connections.rows("SELECT count(*) FROM tombstones") == [(0,)]


def test_what_expired_over_a_day_ago_leaves_no_tombstone(backend: SqliteBackend, clock: HandClock) -> None:
    backend.put("alice", "plan", BODY, 1)
    advance(clock, DAY_MS)
    with pytest.raises(MemoryExpired):
        backend.get("alice", "plan")
    advance(clock, 1)
    backend.purge(10)
    assert backend._connections.rows("SELECT count(*) FROM tombstones") == [(0,)]


def test_a_purge_clears_full_buckets_and_counters_at_zero(backend: SqliteBackend, clock: HandClock) -> None:
    backend.spend("alice", Spend(rate=1, burst=10, cost=5))
    backend.put("alice", "plan", BODY, 1000, caps=Caps(memories=1))
    advance(clock, 4999)
    backend.purge(0)
    assert backend.spend("alice", Spend(rate=1, burst=10)).remaining == 8
    backend.purge(10)
    assert backend._connections.rows("SELECT * FROM usage") == []
    advance(clock, 1001)
    backend.purge(10)
    assert backend._connections.rows("SELECT * FROM buckets") == []


def test_counters_are_kept_for_capped_users_and_are_right(backend: SqliteBackend, clock: HandClock) -> None:
    chance = random.Random(7)
    for user in ("alice", "bob"):
        backend.put(user, "before", BODY, 60_000)
    for number in range(1500):
        name, size = f"m{chance.randrange(40)}", chance.randrange(200)
        caps = Caps(memories=30, bytes=3000) if number % 5 == 0 else None
        try:
            match chance.randrange(6):
                case 0:
                    backend.delete("alice", name)
                case 1:
                    backend.update("alice", name, body=(b"x" * size,), max_ttl_ms=1000, caps=caps)
                case 2:
                    backend.purge(3)
                case _:
                    backend.put("alice", name, (b"x" * size,), chance.randrange(1, 200), caps=caps)
        except (MemoryExpired, MemoryNotFound, QuotaExceeded):
            pass
        advance(clock, chance.randrange(4))
    sums = "SELECT user, count(*), sum(size) FROM memories WHERE user = 'alice'"
    assert backend._connections.rows("SELECT * FROM usage") == backend._connections.rows(sums)
