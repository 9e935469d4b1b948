"""Several operations at once: each as if by its own method, with its own result or error."""

import pytest

from stash_memory.bucket import Spend
from stash_memory.errors import (
    MemoryExpired,
    MemoryNotFound,
    PreconditionFailed,
    QuotaExceeded,
    RateLimited,
    StashError,
)
from stash_memory.records import Caps, Record
from tests.by_method import Delete, Get, Put, Update
from tests.contract.cast import ALICE, BOB, LONG, SHORT, assert_not_found, content, drained, ids, slow_spend
from tests.contract.engines import Engine


def test_nothing_to_do_is_nothing_done(engine: Engine) -> None:
    assert engine.backend.many(ALICE, []) == []


def test_each_operation_has_its_result_in_its_place(engine: Engine) -> None:
    kept = engine.backend.put(ALICE, "kept", [b"kept"], LONG)
    engine.backend.put(ALICE, "gone", [b"gone"], LONG)
    got, put, updated, deleted = engine.backend.many(
        ALICE,
        [
            Get("kept"),
            Put("new", [b"n", b"ew"], LONG),
            Update("kept", [b"changed"], extra_ms=5_000, max_ttl_ms=LONG * 2),
            Delete("gone"),
        ],
    )
    assert isinstance(got, Record)
    assert (content(got), got.version) == (b"kept", kept.version)
    assert isinstance(put, Record)
    assert (content(put), put.size, put.created) == (b"", 3, True)
    assert isinstance(updated, Record)
    assert (content(updated), updated.expires_at_ms) == (b"", kept.expires_at_ms + 5_000)
    assert deleted is None
    assert content(engine.backend.get(ALICE, "new")) == b"new"
    assert content(engine.backend.get(ALICE, "kept")) == b"changed"
    assert_not_found(engine.backend, ALICE, "gone")


def test_each_operation_sees_what_those_before_it_did(engine: Engine) -> None:
    results = engine.backend.many(
        ALICE,
        [
            Get("plan"),
            Put("plan", [b"1"], LONG),
            Get("plan"),
            Put("plan", [b"2"], LONG, if_absent=True),
            Update("plan", [b"3"], max_ttl_ms=LONG),
            Get("plan"),
            Delete("plan"),
            Get("plan"),
            Put("plan", [b"4"], LONG, if_absent=True),
        ],
    )
    shown = [content(r) if isinstance(r, Record) else r if r is None else type(r) for r in results]
    assert shown == [
        MemoryNotFound,
        b"",
        b"1",
        PreconditionFailed,
        b"",
        b"3",
        None,
        MemoryNotFound,
        b"",
    ]
    assert content(engine.backend.get(ALICE, "plan")) == b"4"


def test_an_error_stops_none_of_the_others(engine: Engine) -> None:
    engine.backend.put(ALICE, "old", [b"1"], SHORT)
    engine.advance(SHORT)
    version = engine.backend.put(ALICE, "plan", [b"1"], LONG).version
    results = engine.backend.many(
        ALICE,
        [
            Get("old"),
            Delete("none"),
            Update("none", [b"1"], max_ttl_ms=LONG),
            Put("plan", [b"2"], LONG, if_version="0123456789abcdef"),
            Update("plan", [b"2"], max_ttl_ms=LONG, if_version="0123456789abcdef"),
            Delete("plan", if_version="0123456789abcdef"),
            Put("big", [b"123"], LONG, caps=Caps(bytes=3)),
            Put("plan", [b"last"], LONG, if_version=version),
        ],
    )
    assert [type(result) for result in results[:-1]] == [
        MemoryExpired,
        MemoryNotFound,
        MemoryNotFound,
        PreconditionFailed,
        PreconditionFailed,
        PreconditionFailed,
        QuotaExceeded,
    ]
    assert content(engine.backend.get(ALICE, "plan")) == b"last"
    assert ids(engine.backend, ALICE) == ["plan"]


def test_caps_are_judged_operation_by_operation(engine: Engine) -> None:
    caps = Caps(memories=2)
    results = engine.backend.many(ALICE, [Put(f"{n}", [b"1"], LONG, caps=caps) for n in range(4)])
    assert [isinstance(result, QuotaExceeded) for result in results] == [False, False, True, True]
    assert ids(engine.backend, ALICE) == ["0", "1"]


def test_unless_version_and_at_least_are_as_in_their_methods(engine: Engine) -> None:
    version = engine.backend.put(ALICE, "plan", [b"12345"], LONG).version
    spared, recalled, extended = engine.backend.many(
        ALICE,
        [
            Get("plan", unless_version=version),
            Update("plan", at_least_ms=2 * LONG, max_ttl_ms=4 * LONG),
            Update("plan", extra_ms=LONG, max_ttl_ms=4 * LONG),
        ],
    )
    assert isinstance(spared, Record)
    assert isinstance(recalled, Record)
    assert isinstance(extended, Record)
    assert [content(record) for record in (spared, recalled, extended)] == [b"", b"12345", b""]
    assert engine.near(recalled.remaining_ms, 2 * LONG)
    assert extended.expires_at_ms == recalled.expires_at_ms + LONG


def test_large_bodies_come_and_go_in_many(engine: Engine) -> None:
    data = bytes(range(256)) * 12_000
    put, got = engine.backend.many(ALICE, [Put("plan", [data[:999], data[999:]], LONG), Get("plan")])
    assert isinstance(put, Record)
    assert isinstance(got, Record)
    assert (put.size, content(got) == data) == (len(data), True)


def test_an_error_in_many_tells_what_its_method_would(engine: Engine) -> None:
    record = engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT)
    [error] = engine.backend.many(ALICE, [Get("plan")])
    assert isinstance(error, MemoryExpired)
    assert error.expired_at_ms == record.expires_at_ms


def test_each_operation_costs_a_token(engine: Engine) -> None:
    spend = slow_spend(burst=5, cost=3)
    engine.backend.many(ALICE, [Get("a"), Get("b"), Put("c", [b"1"], LONG)], spend=spend)
    assert spend.bucket is not None
    assert (spend.bucket.granted, spend.bucket.remaining) == (3, 2)
    assert engine.backend.spend(ALICE, slow_spend(burst=5)).remaining == 1


def test_where_tokens_are_few_the_first_operations_get_them(engine: Engine) -> None:
    spend = slow_spend(burst=3, cost=5)
    results = engine.backend.many(ALICE, [Put(f"{n}", [b"1"], LONG) for n in range(5)], spend=spend)
    assert [isinstance(result, Record) for result in results] == [True, True, True, False, False]
    refused = [result for result in results if isinstance(result, RateLimited)]
    assert len(refused) == 2
    assert all(engine.near(error.retry_after_ms, 3_600_000) for error in refused)
    assert refused[0] is not refused[1]
    assert ids(engine.backend, ALICE) == ["0", "1", "2"]
    assert spend.bucket is not None
    assert (spend.bucket.granted, spend.bucket.remaining) == (3, 0)


def test_with_no_token_left_each_operation_is_refused(engine: Engine) -> None:
    drained(engine.backend, ALICE)
    spend = slow_spend(cost=2)
    results = engine.backend.many(ALICE, [Put("a", [b"1"], LONG), Put("b", [b"1"], LONG)], spend=spend)
    assert [type(result) for result in results] == [RateLimited, RateLimited]
    assert spend.bucket is not None
    assert spend.bucket.granted == 0
    assert ids(engine.backend, ALICE) == []


def test_a_decided_spend_is_not_charged_again(engine: Engine) -> None:
    spend = slow_spend(burst=3, cost=2)
    decided = engine.backend.spend(ALICE, spend)
    results = engine.backend.many(ALICE, [Put("a", [b"1"], LONG), Get("a")], spend=spend)
    assert [isinstance(result, Record) for result in results] == [True, True]
    assert spend.bucket == decided
    assert engine.backend.spend(ALICE, slow_spend(burst=3)).remaining == 0


def test_a_failed_operation_keeps_its_token(engine: Engine) -> None:
    spend = Spend(rate=1 / 3600, burst=5, cost=2)
    results = engine.backend.many(ALICE, [Get("none"), Delete("none")], spend=spend)
    assert all(isinstance(result, StashError) for result in results)
    assert engine.backend.spend(ALICE, slow_spend(burst=5)).remaining == 2


def test_many_is_one_users(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"hers"], LONG)
    results = engine.backend.many(BOB, [Get("plan"), Delete("plan"), Put("plan", [b"his"], LONG)])
    assert [type(result) for result in results] == [MemoryNotFound, MemoryNotFound, Record]
    assert content(engine.backend.get(ALICE, "plan")) == b"hers"


@pytest.mark.parametrize("count", [1, 100])
def test_many_does_as_many_as_there_are(engine: Engine, count: int) -> None:
    engine.backend.many(ALICE, [Put(f"{n:03}", [f"{n}".encode()], LONG) for n in range(count)])
    results = engine.backend.many(ALICE, [Get(f"{n:03}") for n in range(count)])
    assert [content(r) for r in results if isinstance(r, Record)] == [f"{n}".encode() for n in range(count)]
