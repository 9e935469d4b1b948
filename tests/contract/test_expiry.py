"""From the instant it expires, a record does not exist: for every method, purged or not."""

import pytest

from stash_memory.errors import MemoryExpired
from tests.by_method import Delete, Get, Update
from tests.contract.cast import ALICE, BOB, LONG, SHORT, assert_expired, content, ids
from tests.contract.engines import Engine


@pytest.fixture(params=["purged", "unpurged"])
def expired_at_ms(request: pytest.FixtureRequest, engine: Engine) -> int:
    """When Alice's plan expired, and was purged or was not."""
    record = engine.backend.put(ALICE, "plan", [b"12345"], SHORT)
    engine.advance(SHORT)
    if request.param == "purged":
        engine.backend.purge(1000)
    return record.expires_at_ms


def test_a_record_lives_until_it_expires(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT // 4)
    got = engine.backend.get(ALICE, "plan")
    assert content(got) == b"1"
    assert 1 <= got.remaining_ms <= SHORT - SHORT // 4


def test_it_lives_in_its_last_millisecond_and_not_after(exact_engine: Engine) -> None:
    record = exact_engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    exact_engine.advance(SHORT - 1)
    assert exact_engine.backend.get(ALICE, "plan").remaining_ms == 1
    assert exact_engine.backend.page(ALICE).entries[0].remaining_ms == 1
    exact_engine.advance(1)
    assert exact_engine.now_ms() == record.expires_at_ms
    assert assert_expired(exact_engine.backend, ALICE, "plan") == record.expires_at_ms


def test_an_expired_record_does_not_exist_for_get(engine: Engine, expired_at_ms: int) -> None:
    assert assert_expired(engine.backend, ALICE, "plan") == expired_at_ms


def test_an_expired_record_does_not_exist_for_put(engine: Engine, expired_at_ms: int) -> None:
    assert engine.backend.put(ALICE, "plan", [b"2"], LONG, if_absent=True).created is True


def test_an_expired_record_does_not_exist_for_update(engine: Engine, expired_at_ms: int) -> None:
    with pytest.raises(MemoryExpired):
        engine.backend.update(ALICE, "plan", extra_ms=LONG, max_ttl_ms=LONG)


def test_an_expired_record_does_not_exist_for_delete(engine: Engine, expired_at_ms: int) -> None:
    with pytest.raises(MemoryExpired):
        engine.backend.delete(ALICE, "plan")


def test_an_expired_record_does_not_exist_for_delete_prefix(engine: Engine, expired_at_ms: int) -> None:
    assert engine.backend.delete_prefix(ALICE, "plan") == 0
    assert assert_expired(engine.backend, ALICE, "plan") == expired_at_ms


def test_an_expired_record_does_not_exist_for_page(engine: Engine, expired_at_ms: int) -> None:
    assert ids(engine.backend, ALICE) == []
    assert ids(engine.backend, ALICE, prefix="plan") == []


def test_an_expired_record_does_not_exist_for_many(engine: Engine, expired_at_ms: int) -> None:
    operations = [Get("plan"), Update("plan", extra_ms=1, max_ttl_ms=LONG), Delete("plan")]
    results = engine.backend.many(ALICE, operations)
    assert [type(result) for result in results] == [MemoryExpired] * 3
    assert {result.expired_at_ms for result in results} == {expired_at_ms}  # type: ignore[union-attr]


def test_an_expired_record_does_not_exist_for_totals(engine: Engine, expired_at_ms: int) -> None:
    assert engine.backend.totals(ALICE) == (0, 0)
    assert engine.backend.totals() == (0, 0)


def test_a_record_that_came_back_is_not_taken_for_its_expired_self(
    engine: Engine, expired_at_ms: int
) -> None:
    engine.backend.put(ALICE, "plan", [b"again"], LONG)
    engine.backend.purge(1000)
    assert content(engine.backend.get(ALICE, "plan")) == b"again"
    assert ids(engine.backend, ALICE) == ["plan"]
    assert engine.backend.totals(ALICE) == (1, 5)


def test_a_large_record_expires_like_any_other(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"x" * 3_000_000], SHORT)
    engine.advance(SHORT)
    assert_expired(engine.backend, ALICE, "plan")
    assert engine.backend.totals(ALICE) == (0, 0)


def test_each_record_expires_at_its_own_time(exact_engine: Engine) -> None:
    engine = exact_engine
    lives = [500, 100, 300, 200, 400]
    for ttl_ms in lives:
        engine.backend.put(ALICE, str(ttl_ms), [b"1"], ttl_ms)
        engine.backend.put(BOB, str(ttl_ms), [b"1"], ttl_ms + 50)
    for passed in range(50, 600, 50):
        engine.advance(50)
        assert ids(engine.backend, ALICE) == [str(ms) for ms in sorted(lives) if ms > passed]
        assert ids(engine.backend, BOB) == [str(ms) for ms in sorted(lives) if ms + 50 > passed]


def test_writes_of_others_do_not_end_a_life_early(exact_engine: Engine) -> None:
    engine = exact_engine
    engine.backend.put(ALICE, "plan", [b"mine"], 1_000)
    for n in range(99):
        engine.advance(10)
        engine.backend.put(BOB, f"{n}", [b"his"], 5)
        engine.backend.put(ALICE, f"{n}", [b"hers"], 5)
        assert content(engine.backend.get(ALICE, "plan")) == b"mine"
