"""The most that a user may keep: of memories, and of bytes."""

import pytest

from stash_memory.errors import MemoryExpired, MemoryNotFound, PreconditionFailed, QuotaExceeded
from stash_memory.records import Caps
from tests.contract.cast import ALICE, BOB, LONG, SHORT, assert_expired, assert_not_found, content, ids
from tests.contract.engines import Engine


def fill(engine: Engine, count: int, size: int = 10, ttl_ms: int = LONG) -> None:
    for n in range(count):
        engine.backend.put(ALICE, f"{n}", [b"x" * size], ttl_ms)


def test_a_put_up_to_the_cap_passes(engine: Engine) -> None:
    fill(engine, 2)
    engine.backend.put(ALICE, "new", [b"x" * 10], LONG, caps=Caps(3, 30))
    assert engine.backend.totals(ALICE) == (3, 30)


@pytest.mark.parametrize("caps", [Caps(memories=2), Caps(bytes=29), Caps(2, 29), Caps(2, 99), Caps(99, 29)])
def test_a_put_over_a_cap_changes_nothing(engine: Engine, caps: Caps) -> None:
    fill(engine, 2)
    with pytest.raises(QuotaExceeded):
        engine.backend.put(ALICE, "new", [b"x" * 10], LONG, caps=caps)
    assert_not_found(engine.backend, ALICE, "new")
    assert engine.backend.totals(ALICE) == (2, 20)
    assert ids(engine.backend, ALICE) == ["0", "1"]


def test_a_first_put_over_a_cap_changes_nothing(engine: Engine) -> None:
    with pytest.raises(QuotaExceeded):
        engine.backend.put(ALICE, "new", [b"12345"], LONG, caps=Caps(bytes=4))
    assert engine.backend.totals(ALICE) == (0, 0)


def test_a_cap_of_nothing_lets_nothing_in(engine: Engine) -> None:
    with pytest.raises(QuotaExceeded):
        engine.backend.put(ALICE, "new", [], LONG, caps=Caps(memories=0))
    assert_not_found(engine.backend, ALICE, "new")


@pytest.mark.parametrize("caps", [None, Caps(), Caps(None, None)])
def test_without_a_cap_all_passes(engine: Engine, caps: Caps | None) -> None:
    fill(engine, 20)
    engine.backend.put(ALICE, "new", [b"x" * 100_000], LONG, caps=caps)
    assert engine.backend.totals(ALICE) == (21, 100_200)


def test_a_replacement_counts_once(engine: Engine) -> None:
    fill(engine, 3)
    engine.backend.put(ALICE, "0", [b"y" * 20], LONG, caps=Caps(3, 40))
    assert engine.backend.totals(ALICE) == (3, 40)


def test_a_replacement_over_the_bytes_changes_nothing(engine: Engine) -> None:
    fill(engine, 3)
    with pytest.raises(QuotaExceeded):
        engine.backend.put(ALICE, "0", [b"y" * 21], LONG * 2, caps=Caps(3, 40))
    got = engine.backend.get(ALICE, "0")
    assert content(got) == b"x" * 10
    assert got.remaining_ms <= LONG


def test_an_update_over_the_bytes_changes_nothing(engine: Engine) -> None:
    fill(engine, 3)
    before = engine.backend.get(ALICE, "0")
    with pytest.raises(QuotaExceeded):
        engine.backend.update(
            ALICE, "0", body=[b"y" * 21], extra_ms=1_000, max_ttl_ms=LONG * 2, caps=Caps(3, 40)
        )
    after = engine.backend.get(ALICE, "0")
    assert (content(after), after.version) == (b"x" * 10, before.version)
    assert after.expires_at_ms == before.expires_at_ms


def test_an_update_up_to_the_bytes_passes(engine: Engine) -> None:
    fill(engine, 3)
    engine.backend.update(ALICE, "0", body=[b"y" * 20], max_ttl_ms=LONG, caps=Caps(3, 40))
    assert engine.backend.totals(ALICE) == (3, 40)


@pytest.mark.parametrize("size", [9, 10])
def test_over_the_cap_a_write_that_makes_nothing_larger_passes(engine: Engine, size: int) -> None:
    fill(engine, 3)
    engine.backend.put(ALICE, "0", [b"y" * size], LONG, caps=Caps(1, 5))
    engine.backend.update(ALICE, "1", body=[b"y" * size], max_ttl_ms=LONG, caps=Caps(1, 5))
    assert engine.backend.totals(ALICE) == (3, 10 + 2 * size)


def test_over_the_cap_a_write_that_makes_bytes_larger_fails(engine: Engine) -> None:
    fill(engine, 3)
    with pytest.raises(QuotaExceeded):
        engine.backend.put(ALICE, "0", [b"y" * 11], LONG, caps=Caps(3, 5))
    with pytest.raises(QuotaExceeded):
        engine.backend.update(ALICE, "0", body=[b"y" * 11], max_ttl_ms=LONG, caps=Caps(3, 5))


def test_over_the_memories_a_write_that_makes_only_bytes_larger_fails(engine: Engine) -> None:
    fill(engine, 3)
    with pytest.raises(QuotaExceeded):
        engine.backend.put(ALICE, "0", [b"y" * 11], LONG, caps=Caps(1, 1_000))


def test_over_the_bytes_an_empty_new_memory_fails(engine: Engine) -> None:
    fill(engine, 3)
    with pytest.raises(QuotaExceeded):
        engine.backend.put(ALICE, "new", [], LONG, caps=Caps(10, 5))


def test_over_the_cap_an_extension_passes(engine: Engine) -> None:
    fill(engine, 3)
    engine.backend.update(ALICE, "0", extra_ms=1_000, max_ttl_ms=LONG * 2, caps=Caps(1, 5))
    got = engine.backend.update(ALICE, "0", at_least_ms=1, max_ttl_ms=LONG * 2, caps=Caps(1, 5))
    assert content(got) == b"x" * 10


@pytest.mark.parametrize("purge", [True, False], ids=["purged", "unpurged"])
def test_only_live_records_count(engine: Engine, purge: bool) -> None:
    fill(engine, 30, ttl_ms=SHORT)
    engine.backend.put(ALICE, "live", [b"x" * 10], LONG)
    engine.advance(SHORT)
    if purge:
        engine.backend.purge(1000)
    engine.backend.put(ALICE, "new", [b"x" * 10], LONG, caps=Caps(2, 20))
    with pytest.raises(QuotaExceeded):
        engine.backend.put(ALICE, "one more", [b"x"], LONG, caps=Caps(2, 99))


def test_an_expired_record_is_not_what_a_put_replaces(engine: Engine) -> None:
    fill(engine, 1, ttl_ms=SHORT)
    engine.backend.put(ALICE, "a", [b"x" * 10], LONG)
    engine.backend.put(ALICE, "b", [b"x" * 10], LONG)
    engine.advance(SHORT)
    with pytest.raises(QuotaExceeded):
        engine.backend.put(ALICE, "0", [b"x" * 10], LONG, caps=Caps(2))
    assert_expired(engine.backend, ALICE, "0")


def test_a_record_whose_life_was_shortened_makes_room_in_time(engine: Engine) -> None:
    fill(engine, 2)
    engine.backend.put(ALICE, "0", [b"x" * 10], SHORT)
    engine.advance(SHORT)
    assert engine.backend.put(ALICE, "new", [b"x" * 10], LONG, caps=Caps(2, 20)).created is True


def test_those_that_made_room_are_remembered(engine: Engine) -> None:
    fill(engine, 3, ttl_ms=SHORT)
    engine.advance(SHORT)
    engine.backend.put(ALICE, "new", [b"x"], LONG, caps=Caps(1))
    for n in range(3):
        assert_expired(engine.backend, ALICE, f"{n}")
    assert engine.backend.totals() == engine.backend.totals(ALICE) == (1, 1)


def test_a_delete_makes_room(engine: Engine) -> None:
    fill(engine, 3)
    engine.backend.delete(ALICE, "0")
    assert engine.backend.put(ALICE, "new", [b"x" * 10], LONG, caps=Caps(3, 30)).created is True


def test_a_cap_is_one_users(engine: Engine) -> None:
    fill(engine, 3)
    engine.backend.put(BOB, "his", [b"x" * 10], LONG, caps=Caps(1, 10))
    assert engine.backend.totals(BOB) == (1, 10)


def test_a_precondition_is_told_before_a_cap(engine: Engine) -> None:
    fill(engine, 1)
    with pytest.raises(PreconditionFailed):
        engine.backend.put(ALICE, "0", [b"y" * 99], LONG, if_absent=True, caps=Caps(1, 10))


def test_what_is_missing_is_told_before_a_cap(engine: Engine) -> None:
    fill(engine, 1, ttl_ms=SHORT)
    engine.backend.put(ALICE, "live", [b"x"], LONG)
    engine.advance(SHORT)
    with pytest.raises(MemoryExpired):
        engine.backend.update(ALICE, "0", body=[b"y" * 99], max_ttl_ms=LONG, caps=Caps(1, 1))
    with pytest.raises(MemoryNotFound):
        engine.backend.update(ALICE, "none", body=[b"y" * 99], max_ttl_ms=LONG, caps=Caps(1, 1))


def test_numbers_stay_true_through_a_thousand_changes(exact_engine: Engine) -> None:
    engine = exact_engine
    for n in range(1_000):
        name, size = f"{n * 7 % 13}", n * 31 % 17
        engine.backend.put(ALICE, name, [b"x" * size], 20 + n % 30)
        engine.advance(3)
    engine.advance(100)
    fill(engine, 5, size=3)
    with pytest.raises(QuotaExceeded):
        engine.backend.put(ALICE, "new", [b"x"], LONG, caps=Caps(5, 16))
    with pytest.raises(QuotaExceeded):
        engine.backend.put(ALICE, "new", [b"xx"], LONG, caps=Caps(6, 16))
    engine.backend.put(ALICE, "new", [b"x"], LONG, caps=Caps(6, 16))
