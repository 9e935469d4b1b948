"""A bucket is exact as time goes by."""

import pytest

from stash_memory.bucket import Bucket, Spend
from stash_memory.errors import RateLimited
from tests.contract.cast import ALICE
from tests.contract.engines import Engine


def one_a_second() -> Spend:
    return Spend(rate=1, burst=10)


def granted(engine: Engine, tries: int) -> int:
    """How many of the tries get a token."""
    count = 0
    for _ in range(tries):
        try:
            engine.backend.spend(ALICE, one_a_second())
        except RateLimited:
            continue
        count += 1
    return count


def test_a_burst_of_ten_and_then_one_a_second(exact_engine: Engine) -> None:
    engine = exact_engine
    assert granted(engine, 30) == 10
    for _ in range(20):
        engine.advance(999)
        assert granted(engine, 3) == 0
        engine.advance(1)
        assert granted(engine, 3) == 1


def test_a_bucket_left_alone_fills_up_and_no_further(exact_engine: Engine) -> None:
    engine = exact_engine
    assert granted(engine, 11) == 10
    engine.advance(4_000)
    assert granted(engine, 11) == 4
    engine.advance(1_000_000)
    assert granted(engine, 30) == 10


def test_tokens_come_back_also_between_two_askings(exact_engine: Engine) -> None:
    engine = exact_engine
    assert granted(engine, 10) == 10
    for _ in range(10):
        engine.advance(300)
        with pytest.raises(RateLimited):
            engine.backend.spend(ALICE, Spend(rate=1, burst=10, cost=5))
    assert granted(engine, 10) == 3


def test_retry_after_is_when_it_is_granted_and_not_before(exact_engine: Engine) -> None:
    engine = exact_engine
    granted(engine, 10)
    engine.advance(250)
    with pytest.raises(RateLimited) as caught:
        engine.backend.spend(ALICE, one_a_second())
    assert caught.value.retry_after_ms == 750
    engine.advance(749)
    with pytest.raises(RateLimited):
        engine.backend.spend(ALICE, one_a_second())
    engine.advance(1)
    assert engine.backend.spend(ALICE, one_a_second()).granted == 1


def test_the_bucket_is_told_as_it_is(exact_engine: Engine) -> None:
    engine = exact_engine
    assert engine.backend.spend(ALICE, one_a_second()) == Bucket(1, 9, 1_000, 0)
    engine.advance(400)
    assert engine.backend.spend(ALICE, one_a_second()) == Bucket(1, 8, 1_600, 0)
    engine.advance(1_600)
    assert engine.backend.spend(ALICE, one_a_second()) == Bucket(1, 9, 1_000, 0)


def test_a_bucket_of_a_fraction_a_second_is_exact(exact_engine: Engine) -> None:
    engine = exact_engine
    spends = [Spend(rate=0.1, burst=1) for _ in range(3)]
    engine.backend.spend(ALICE, spends[0])
    engine.advance(9_999)
    with pytest.raises(RateLimited):
        engine.backend.spend(ALICE, spends[1])
    engine.advance(1)
    engine.backend.spend(ALICE, spends[2])


def test_a_thousand_a_second_lose_nothing_to_rounding(exact_engine: Engine) -> None:
    engine = exact_engine
    taken = 0
    for _ in range(1_000):
        try:
            while True:
                engine.backend.spend(ALICE, Spend(rate=300, burst=5))
                taken += 1
        except RateLimited:
            engine.advance(10)
    assert taken == 5 + 999 * 3


def test_tokens_come_back_on_the_engines_own_clock(engine: Engine) -> None:
    for _ in range(10):
        engine.backend.spend(ALICE, Spend(rate=2, burst=10))
    with pytest.raises(RateLimited):
        engine.backend.spend(ALICE, Spend(rate=2, burst=10))
    engine.advance(500)
    assert engine.backend.spend(ALICE, Spend(rate=2, burst=10)).granted == 1
