"""Large bodies: chunks that nobody waits for, that outlive their memory, and that are not left behind."""

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from stash_memory.backends import body as bodies
from stash_memory.backends.sql import chunks
from stash_memory.bucket import Spend
from stash_memory.errors import (
    MemoryNotFound,
    PreconditionFailed,
    QuotaExceeded,
    RateLimited,
    StoreUnavailable,
)
from stash_memory.records import Caps
from tests.backends import SqliteBackend
from tests.by_method import Put
from tests.contract.engines import HandClock
from tests.library.sqlite.children import forked
from tests.library.sqlite.parts import CHUNKS, Parts

TTL_MS = 3_600_000
SIZE = 3_000_000
OLD, NEW = b"o" * SIZE, b"n" * SIZE


def advance(clock: HandClock, ms: int) -> None:
    clock.at_ns += ms * 1_000_000


def clear_all(backend: SqliteBackend, clock: HandClock) -> None:
    """As much as purges do within ten minutes of a letting go, and after them."""
    backend.purge(1000)
    advance(clock, chunks.LINGER_MS + 1)
    backend.purge(1000)


def whole(backend: SqliteBackend, id: str = "big") -> bytes:
    return b"".join(backend.get("alice", id).body)


@pytest.mark.parametrize(
    "size", [bodies.INLINE_BYTES, bodies.INLINE_BYTES + 1, 5 * bodies.CHUNK_BYTES, 5 * bodies.CHUNK_BYTES + 1]
)
def test_what_is_over_a_megabyte_lies_in_chunks(
    backend: SqliteBackend, look: Callable[..., list[Any]], size: int
) -> None:
    body = os.urandom(size)
    backend.put("alice", "big", (body[:100_001], memoryview(body)[100_001:]), TTL_MS)
    record = backend.get("alice", "big")
    assert (record.size, b"".join(record.body)) == (size, body)
    sizes = [row[0] for row in look("SELECT length(data) FROM chunks ORDER BY number")]
    assert sum(sizes) == (size if size > bodies.INLINE_BYTES else 0)
    assert all(length == bodies.CHUNK_BYTES for length in sizes[:-1])
    assert look("SELECT * FROM loose") == []


def test_others_write_between_the_chunks(backend: SqliteBackend, opened: Callable[[], SqliteBackend]) -> None:
    other = opened()
    body = Parts(lambda number: other.put("bob", str(number), (b"1",), TTL_MS))
    backend.put("alice", "big", body, TTL_MS)
    assert other.totals("bob").memories == CHUNKS
    assert backend.get("alice", "big").size == CHUNKS * bodies.CHUNK_BYTES


def test_nothing_is_seen_of_a_value_until_it_is_whole(backend: SqliteBackend) -> None:
    backend.put("alice", "big", (b"small",), TTL_MS)
    seen: list[bytes] = []
    backend.put("alice", "big", Parts(lambda number: seen.append(whole(backend))), TTL_MS)
    assert set(seen) == {b"small"}


@pytest.mark.parametrize("how", ["replaced", "updated", "forgotten", "forgotten by prefix", "expired"])
def test_a_recall_under_way_finishes_with_the_old_value_for_ten_minutes(
    backend: SqliteBackend, clock: HandClock, how: str, look: Callable[..., list[Any]]
) -> None:
    backend.put("alice", "big", (OLD,), 1000)
    in_time, too_late = (iter(backend.get("alice", "big").body) for _ in range(2))
    begun = [next(in_time), next(too_late)]
    match how:
        case "replaced":
            backend.put("alice", "big", (NEW,), TTL_MS)
        case "updated":
            backend.update("alice", "big", body=(b"small",), max_ttl_ms=TTL_MS)
        case "forgotten":
            backend.delete("alice", "big")
        case "forgotten by prefix":
            backend.delete_prefix("alice", "b")
        case "expired":
            advance(clock, 1000)
    backend.purge(1000)
    advance(clock, chunks.LINGER_MS - 1)
    backend.purge(1000)
    assert bytes(begun[0]) + b"".join(in_time) == OLD
    advance(clock, 2)
    backend.purge(1000)
    with pytest.raises(StoreUnavailable, match="let go while it was read"):
        list(too_late)
    assert look("SELECT count(*) FROM chunks") == [(CHUNKS if how == "replaced" else 0,)]
    assert look("SELECT * FROM loose") == []


def test_a_writer_that_is_killed_leaves_nothing_to_see_and_its_chunks_are_cleared(
    backend: SqliteBackend, clock: HandClock, look: Callable[..., list[Any]]
) -> None:
    def die(number: int) -> None:
        if number == 5:
            os.kill(os.getpid(), signal.SIGKILL)

    assert forked(lambda: backend.put("alice", "big", Parts(die), TTL_MS)) is None
    assert look("SELECT count(*) FROM chunks") == [(5,)]
    with pytest.raises(MemoryNotFound):
        backend.get("alice", "big")
    backend.purge(1000)
    assert look("SELECT count(*) FROM chunks") == [(5,)]
    clear_all(backend, clock)
    assert look("SELECT (SELECT count(*) FROM chunks), (SELECT count(*) FROM loose)") == [(0, 0)]


def test_small_writes_clear_what_was_left_behind(
    backend: SqliteBackend, clock: HandClock, look: Callable[..., list[Any]]
) -> None:
    backend.put("alice", "big", (OLD,), TTL_MS)
    backend.delete("alice", "big")
    for number in range(200):
        backend.put("alice", str(number), (b"1",), TTL_MS)
    assert look("SELECT count(*) FROM chunks") == [(CHUNKS,)]
    advance(clock, chunks.LINGER_MS + 1)
    for number in range(200):
        backend.put("alice", str(number), (b"1",), TTL_MS)
    assert look("SELECT (SELECT count(*) FROM chunks), (SELECT count(*) FROM loose)") == [(0, 0)]


def test_the_file_stays_bounded_when_only_large_values_are_written(
    backend: SqliteBackend, clock: HandClock, look: Callable[..., list[Any]]
) -> None:
    most = 0
    for number in range(25):
        backend.put("alice", f"big {number}", (OLD,), 1000)
        advance(clock, chunks.LINGER_MS // 2)
        most = max(most, look("SELECT count(*) FROM chunks")[0][0])
    assert most <= 6 * CHUNKS


def test_a_writer_that_stalls_for_ten_minutes_is_told(
    backend: SqliteBackend, clock: HandClock, opened: Callable[[], SqliteBackend]
) -> None:
    other = opened()

    def stall(number: int) -> None:
        if number == 5:
            clear_all(other, clock)

    with pytest.raises(StoreUnavailable, match="written too slowly") as caught:
        backend.put("alice", "big", Parts(stall), TTL_MS)
    assert caught.value.applied is False
    with pytest.raises(MemoryNotFound):
        backend.get("alice", "big")


def test_what_is_denied_writes_no_chunk(
    backend: SqliteBackend, monkeypatch: pytest.MonkeyPatch, look: Callable[..., list[Any]]
) -> None:
    backend.put("alice", "big", (b"small",), TTL_MS)
    monkeypatch.setattr(chunks, "write", lambda *_: pytest.fail("it wrote chunks"))
    empty = Spend(rate=0.001, burst=1)
    backend.spend("alice", Spend(rate=0.001, burst=1))
    with pytest.raises(RateLimited):
        backend.put("alice", "big", (NEW,), TTL_MS, spend=empty)
    with pytest.raises(PreconditionFailed):
        backend.put("alice", "big", (NEW,), TTL_MS, if_absent=True)
    with pytest.raises(PreconditionFailed):
        backend.update("alice", "big", body=(NEW,), max_ttl_ms=TTL_MS, if_version="0" * 16)
    with pytest.raises(MemoryNotFound):
        backend.update("alice", "none", body=(NEW,), max_ttl_ms=TTL_MS)
    with pytest.raises(QuotaExceeded):
        backend.put("alice", "big", (NEW,), TTL_MS, caps=Caps(bytes=1000))
    spend = Spend(rate=0.001, burst=1)
    (refused,) = backend.many("alice", [Put("big", (NEW,), TTL_MS)], spend=spend)
    assert isinstance(refused, RateLimited)


def test_a_large_write_is_charged_once(backend: SqliteBackend) -> None:
    def spend() -> Spend:
        return Spend(rate=0.001, burst=10)

    version = backend.put("alice", "big", (OLD,), TTL_MS, spend=spend()).version
    backend.update("alice", "big", body=(NEW,), max_ttl_ms=TTL_MS, spend=spend())
    with pytest.raises(PreconditionFailed):
        backend.put("alice", "big", (OLD,), TTL_MS, if_version=version, spend=spend())
    backend.many("alice", [Put("big", (NEW,), TTL_MS)], spend=spend())
    assert backend.spend("alice", spend()).remaining == 5


@pytest.mark.parametrize("how", ["put", "update"])
def test_conditions_hold_again_when_the_chunks_are_written(
    backend: SqliteBackend, look: Callable[..., list[Any]], opened: Callable[[], SqliteBackend], how: str
) -> None:
    other = opened()
    version = backend.put("alice", "big", (b"1",), TTL_MS).version
    body = Parts(lambda number: number == 5 and other.put("alice", "big", (b"2",), TTL_MS))
    acts = {
        "put": lambda: backend.put("alice", "big", body, TTL_MS, if_version=version),
        "update": lambda: backend.update("alice", "big", body=body, max_ttl_ms=TTL_MS, if_version=version),
    }
    with pytest.raises(PreconditionFailed):
        acts[how]()
    assert whole(backend) == b"2"
    assert look("SELECT (SELECT count(*) FROM chunks), (SELECT count(*) FROM loose)") == [(0, 0)]


def test_a_batch_keeps_the_chunks_of_those_that_went_well_only(
    backend: SqliteBackend, look: Callable[..., list[Any]]
) -> None:
    operations = [
        Put("one", (OLD,), TTL_MS),
        Put("one", (NEW,), TTL_MS, if_absent=True),
        Put("two", (NEW,), TTL_MS),
    ]
    results = backend.many("alice", operations)
    assert isinstance(results[1], PreconditionFailed)
    assert [whole(backend, "one"), whole(backend, "two")] == [OLD, NEW]
    assert look("SELECT (SELECT count(*) FROM chunks), (SELECT count(*) FROM loose)") == [(2 * CHUNKS, 0)]
