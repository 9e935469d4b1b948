"""All that one transaction does happens at one instant, however long it takes."""

import itertools
from pathlib import Path

from stash_memory.records import Caps, Record
from tests.backends import SqliteBackend
from tests.by_method import Put, Update

SECOND_NS = 1_000_000_000
MINUTE_MS = 60_000


def test_no_operation_of_a_batch_finds_more_life_than_was_given(path: Path) -> None:
    ticks = itertools.count(1_700_000_000 * SECOND_NS, SECOND_NS)
    backend = SqliteBackend(path, clock=lambda: next(ticks))

    put, updated = backend.many(
        "alice",
        [Put("plan", [b"1"], MINUTE_MS), Update("plan", extra_ms=MINUTE_MS, max_ttl_ms=10 * MINUTE_MS)],
    )

    assert isinstance(put, Record)
    assert isinstance(updated, Record)
    assert (put.remaining_ms, updated.remaining_ms) == (MINUTE_MS, 2 * MINUTE_MS)
    backend.close()


def test_a_put_after_a_transaction_has_its_own_instant(path: Path) -> None:
    ticks = itertools.count(1_700_000_000 * SECOND_NS, SECOND_NS)
    backend = SqliteBackend(path, clock=lambda: next(ticks))

    first = backend.put("alice", "capped", [b"1"], MINUTE_MS, caps=Caps(memories=5))
    second = backend.put("alice", "plain", [b"1"], MINUTE_MS)

    assert second.expires_at_ms > first.expires_at_ms
    backend.close()
