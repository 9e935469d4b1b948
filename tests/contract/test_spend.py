"""Tokens: asked for in the same step as the operation, and of one bucket for each user."""

from collections.abc import Callable

import pytest

from stash_memory.backends.base import Backend
from stash_memory.bucket import Bucket, Spend
from stash_memory.errors import MemoryNotFound, PreconditionFailed, QuotaExceeded, RateLimited
from stash_memory.records import Caps
from tests.by_method import Put
from tests.contract.cast import ALICE, BOB, LONG, SHORT, assert_not_found, content, drained, ids, slow_spend
from tests.contract.engines import Engine

Asking = Callable[[Backend, Spend], object]

METHODS: dict[str, Asking] = {
    "get": lambda backend, spend: backend.get(ALICE, "plan", spend=spend),
    "put": lambda backend, spend: backend.put(ALICE, "plan", [b"new"], LONG, spend=spend),
    "update": lambda backend, spend: backend.update(
        ALICE, "plan", body=[b"new"], extra_ms=LONG, max_ttl_ms=LONG * 9, spend=spend
    ),
    "delete": lambda backend, spend: backend.delete(ALICE, "plan", spend=spend),
    "delete_prefix": lambda backend, spend: backend.delete_prefix(ALICE, "", spend=spend),
    "page": lambda backend, spend: backend.page(ALICE, spend=spend),
    "spend": lambda backend, spend: backend.spend(ALICE, spend),
}
every_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())

FAILURES: dict[str, tuple[type[Exception], Asking]] = {
    "get": (MemoryNotFound, lambda backend, spend: backend.get(ALICE, "none", spend=spend)),
    "put": (
        PreconditionFailed,
        lambda backend, spend: backend.put(ALICE, "plan", [b"2"], LONG, if_absent=True, spend=spend),
    ),
    "put over a cap": (
        QuotaExceeded,
        lambda backend, spend: backend.put(ALICE, "two", [b"2"], LONG, caps=Caps(1), spend=spend),
    ),
    "update": (
        MemoryNotFound,
        lambda backend, spend: backend.update(ALICE, "none", extra_ms=1, max_ttl_ms=LONG, spend=spend),
    ),
    "update of another version": (
        PreconditionFailed,
        lambda backend, spend: backend.update(
            ALICE, "plan", extra_ms=1, max_ttl_ms=LONG, if_version="0123456789abcdef", spend=spend
        ),
    ),
    "delete": (MemoryNotFound, lambda backend, spend: backend.delete(ALICE, "none", spend=spend)),
}


@every_method
def test_a_granted_token_is_written_into_the_spend(engine: Engine, method: Asking) -> None:
    engine.backend.put(ALICE, "plan", [b"old"], LONG)
    spend = slow_spend(burst=3)
    method(engine.backend, spend)
    assert spend.bucket is not None
    assert (spend.bucket.granted, spend.bucket.remaining, spend.bucket.retry_after_ms) == (1, 2, 0)


@every_method
def test_a_denied_token_reads_and_writes_nothing(engine: Engine, method: Asking) -> None:
    before = engine.backend.put(ALICE, "plan", [b"old"], LONG)
    drained(engine.backend, ALICE)
    spend = slow_spend()
    with pytest.raises(RateLimited) as caught:
        method(engine.backend, spend)
    assert spend.bucket is not None
    assert spend.bucket.granted == 0
    assert engine.near(caught.value.retry_after_ms, 3_600_000)
    assert caught.value.retry_after_ms == spend.bucket.retry_after_ms
    after = engine.backend.get(ALICE, "plan")
    assert (content(after), after.version) == (b"old", before.version)
    assert after.expires_at_ms == before.expires_at_ms
    assert ids(engine.backend, ALICE) == ["plan"]


@every_method
def test_a_denied_token_is_the_answer_even_where_there_is_nothing(engine: Engine, method: Asking) -> None:
    drained(engine.backend, ALICE)
    with pytest.raises(RateLimited):
        method(engine.backend, slow_spend())
    assert_not_found(engine.backend, ALICE, "plan")


@every_method
def test_a_decided_spend_is_not_charged_again(engine: Engine, method: Asking) -> None:
    engine.backend.put(ALICE, "plan", [b"old"], LONG)
    spend = slow_spend(burst=2)
    decided = engine.backend.spend(ALICE, spend)
    method(engine.backend, spend)
    assert spend.bucket == decided
    assert engine.backend.spend(ALICE, slow_spend(burst=2)).remaining == 0


@pytest.mark.parametrize(("error", "method"), FAILURES.values(), ids=FAILURES.keys())
def test_the_outcome_is_written_also_when_the_method_raises(
    engine: Engine, error: type[Exception], method: Asking
) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    spend = slow_spend(burst=5)
    with pytest.raises(error):
        method(engine.backend, spend)
    assert spend.bucket is not None
    assert (spend.bucket.granted, spend.bucket.remaining) == (1, 4)
    assert engine.backend.spend(ALICE, slow_spend(burst=5)).remaining == 3


def test_without_a_spend_nothing_is_charged(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    for _ in range(5):
        engine.backend.get(ALICE, "plan")
    assert engine.backend.spend(ALICE, slow_spend(burst=1)).granted == 1


def test_all_methods_ask_one_bucket(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    engine.backend.get(ALICE, "plan", spend=slow_spend(burst=4))
    engine.backend.page(ALICE, spend=slow_spend(burst=4))
    engine.backend.many(ALICE, [Put("two", [b"2"], LONG)], spend=slow_spend(burst=4))
    assert engine.backend.spend(ALICE, slow_spend(burst=4)).remaining == 0
    with pytest.raises(RateLimited):
        engine.backend.delete(ALICE, "plan", spend=slow_spend(burst=4))


def test_each_user_has_a_bucket(engine: Engine) -> None:
    drained(engine.backend, ALICE)
    assert engine.backend.spend(BOB, slow_spend()).granted == 1


def test_a_cost_is_taken_whole_or_not_at_all(engine: Engine) -> None:
    assert engine.backend.spend(ALICE, slow_spend(burst=5, cost=3)).remaining == 2
    with pytest.raises(RateLimited):
        engine.backend.spend(ALICE, slow_spend(burst=5, cost=3))
    assert engine.backend.spend(ALICE, slow_spend(burst=5, cost=2)).remaining == 0


def test_a_bucket_outlives_its_users_records(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    drained(engine.backend, ALICE)
    engine.backend.delete(ALICE, "plan")
    engine.backend.put(BOB, "plan", [b"1"], LONG)
    engine.advance(SHORT)
    engine.backend.put(BOB, "plan", [b"1"], LONG)
    engine.backend.purge(1000)
    with pytest.raises(RateLimited):
        engine.backend.spend(ALICE, slow_spend())


def test_a_bucket_says_when_it_is_full(exact_engine: Engine) -> None:
    spend = Spend(rate=2, burst=10, cost=4)
    assert exact_engine.backend.spend(ALICE, spend) == Bucket(4, 6, 2_000, 0) == spend.bucket
