"""Puts that create only before an instant: it is the backend's own clock that says when it has come."""

import itertools

import pytest

from stash_memory.errors import PreconditionFailed
from stash_memory.law import Closed
from stash_memory.records import Caps, Record
from tests.by_method import Put
from tests.contract.cast import ALICE, LONG, SHORT, assert_expired, assert_not_found, content, ids, slow_spend
from tests.contract.crowd import in_threads
from tests.contract.engines import Engine

LARGE = b"x" * 3_000_000


def test_before_the_instant_an_id_is_created(engine: Engine) -> None:
    record = engine.backend.put(ALICE, "plan", [b"1"], LONG, create_before_ms=engine.now_ms() + LONG)
    assert record.created is True
    assert content(engine.backend.get(ALICE, "plan")) == b"1"


@pytest.mark.parametrize("body", [b"2", LARGE], ids=["small", "large"])
def test_at_the_instant_an_id_is_created_no_more(engine: Engine, body: bytes) -> None:
    with pytest.raises(Closed):
        engine.backend.put(ALICE, "plan", [body], LONG, create_before_ms=engine.now_ms())
    assert_not_found(engine.backend, ALICE, "plan")
    assert engine.backend.totals(ALICE) == (0, 0)


def test_the_instant_is_told_to_the_millisecond(exact_engine: Engine) -> None:
    at_ms = exact_engine.now_ms() + 2
    for _ in range(2):
        assert exact_engine.backend.put(ALICE, "plan", [b"1"], 1, create_before_ms=at_ms).created is True
        exact_engine.advance(1)
    with pytest.raises(Closed):
        exact_engine.backend.put(ALICE, "plan", [b"1"], 1, create_before_ms=at_ms)


@pytest.mark.parametrize("body", [b"2", LARGE], ids=["small", "large"])
def test_a_live_record_is_replaced_at_any_time(engine: Engine, body: bytes) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    record = engine.backend.put(ALICE, "plan", [body], LONG, create_before_ms=1)
    assert record.created is False
    assert content(engine.backend.get(ALICE, "plan")) == body


def test_an_expired_record_is_not_replaced(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT)
    with pytest.raises(Closed):
        engine.backend.put(ALICE, "plan", [b"2"], LONG, create_before_ms=1)
    assert_expired(engine.backend, ALICE, "plan")


def test_a_precondition_is_told_first_and_a_cap_last(engine: Engine) -> None:
    version = engine.backend.put(ALICE, "plan", [b"1"], LONG).version
    with pytest.raises(PreconditionFailed) as caught:
        engine.backend.put(ALICE, "plan", [b"2"], LONG, if_absent=True, create_before_ms=1)
    assert not isinstance(caught.value, Closed)
    with pytest.raises(PreconditionFailed) as caught:
        engine.backend.put(ALICE, "none", [b"2"], LONG, if_version=version, create_before_ms=1)
    assert not isinstance(caught.value, Closed)
    with pytest.raises(Closed):
        engine.backend.put(ALICE, "none", [b"2"], LONG, if_absent=True, create_before_ms=1)
    with pytest.raises(Closed):
        engine.backend.put(ALICE, "none", [b"2"], LONG, create_before_ms=1, caps=Caps(0, 0))


def test_a_token_is_spent_all_the_same(engine: Engine) -> None:
    spend = slow_spend(burst=3)
    with pytest.raises(Closed):
        engine.backend.put(ALICE, "plan", [b"1"], LONG, create_before_ms=1, spend=spend)
    assert spend.bucket is not None
    assert spend.bucket.remaining == 2


def test_in_many_it_is_judged_operation_by_operation(engine: Engine) -> None:
    results = engine.backend.many(
        ALICE,
        [
            Put("plan", [b"1"], LONG, create_before_ms=1),
            Put("plan", [b"2"], LONG),
            Put("plan", [b"3"], LONG, create_before_ms=1),
            Put("large", [LARGE], LONG, create_before_ms=1),
        ],
    )
    assert [isinstance(result, Record) for result in results] == [False, True, True, False]
    assert isinstance(results[0], Closed)
    assert isinstance(results[3], Closed)
    assert engine.backend.totals(ALICE) == (1, 1)


def test_once_one_is_told_that_it_is_closed_nobody_creates_any_more(engine: Engine) -> None:
    at_ms = engine.now_ms() + (0 if engine.exact else 500)

    def work(n: int) -> list[str]:
        """What there was when this one was told."""
        for name in itertools.count():
            try:
                engine.backend.put(ALICE, f"{n}-{name}", [b"1"], LONG, create_before_ms=at_ms)
            except Closed:
                break
        return ids(engine.backend, ALICE, limit=1000)

    there = in_threads(8, work)
    assert all(names == ids(engine.backend, ALICE) for names in there)
