"""What is remembered of the dead: when they expired, for a day, of the newest thousand."""

import pytest

from stash_memory.errors import MemoryExpired, MemoryNotFound, PreconditionFailed
from tests.contract.cast import ALICE, BOB, DAY, LONG, SHORT, assert_expired, assert_not_found, content
from tests.contract.engines import Engine


@pytest.mark.parametrize("purges", [0, 1, 3])
def test_the_instant_of_its_expiry_is_remembered_across_purges(engine: Engine, purges: int) -> None:
    record = engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT + 50)
    for _ in range(purges):
        engine.backend.purge(1000)
    assert assert_expired(engine.backend, ALICE, "plan") == record.expires_at_ms


def test_an_extended_record_is_remembered_with_its_last_expiry(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    record = engine.backend.update(ALICE, "plan", extra_ms=SHORT // 2, max_ttl_ms=LONG)
    engine.advance(SHORT + SHORT // 2)
    assert assert_expired(engine.backend, ALICE, "plan") == record.expires_at_ms


def test_a_put_buries_the_tombstone(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT)
    assert_expired(engine.backend, ALICE, "plan")
    engine.backend.put(ALICE, "plan", [b"2"], LONG)
    assert content(engine.backend.get(ALICE, "plan")) == b"2"
    engine.backend.delete(ALICE, "plan")
    assert_not_found(engine.backend, ALICE, "plan")


def test_a_put_buries_a_purged_records_tombstone(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT)
    engine.backend.purge(1000)
    engine.backend.put(ALICE, "plan", [b"2"], LONG)
    engine.backend.purge(1000)
    engine.backend.delete(ALICE, "plan")
    assert_not_found(engine.backend, ALICE, "plan")


def test_a_refused_put_buries_nothing(engine: Engine) -> None:
    record = engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT)
    with pytest.raises(PreconditionFailed):
        engine.backend.put(ALICE, "plan", [b"2"], LONG, if_version=record.version)
    assert assert_expired(engine.backend, ALICE, "plan") == record.expires_at_ms


def test_a_second_expiry_is_remembered_in_place_of_the_first(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT)
    engine.backend.purge(1000)
    second = engine.backend.put(ALICE, "plan", [b"2"], SHORT)
    engine.advance(SHORT)
    assert assert_expired(engine.backend, ALICE, "plan") == second.expires_at_ms


def test_a_deleted_record_leaves_none(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.backend.delete(ALICE, "plan")
    engine.advance(SHORT)
    engine.backend.purge(1000)
    assert_not_found(engine.backend, ALICE, "plan")


def test_a_tombstone_is_its_owners_alone(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT)
    engine.backend.purge(1000)
    assert_not_found(engine.backend, BOB, "plan")


def test_another_users_put_does_not_bury_it(engine: Engine) -> None:
    record = engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT)
    engine.backend.put(BOB, "plan", [b"1"], LONG)
    engine.backend.delete(BOB, "plan")
    assert assert_expired(engine.backend, ALICE, "plan") == record.expires_at_ms


@pytest.mark.parametrize("purged_at_ms", [None, 0, DAY - 1, DAY], ids=str)
def test_a_tombstone_stands_for_a_day_and_no_longer(exact_engine: Engine, purged_at_ms: int | None) -> None:
    engine = exact_engine
    record = engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    passed_ms = 0
    engine.advance(SHORT)
    for moment_ms in [0, DAY - 1, DAY]:
        engine.advance(moment_ms - passed_ms)
        passed_ms = moment_ms
        if moment_ms == purged_at_ms:
            engine.backend.purge(1000)
        if moment_ms < DAY:
            assert assert_expired(engine.backend, ALICE, "plan") == record.expires_at_ms
        else:
            assert_not_found(engine.backend, ALICE, "plan")


@pytest.mark.parametrize("purge", [True, False], ids=["purged", "unpurged"])
def test_each_tombstone_has_its_own_day(exact_engine: Engine, purge: bool) -> None:
    engine = exact_engine
    for n in range(4):
        engine.backend.put(ALICE, f"{n}", [b"1"], SHORT)
        engine.advance(DAY // 4)
    engine.advance(SHORT + DAY // 4)
    if purge:
        engine.backend.purge(1000)
    assert_not_found(engine.backend, ALICE, "0")
    assert_not_found(engine.backend, ALICE, "1")
    assert_expired(engine.backend, ALICE, "2")
    assert_expired(engine.backend, ALICE, "3")


def test_a_forgotten_tombstone_is_forgotten_for_update_and_delete(exact_engine: Engine) -> None:
    engine = exact_engine
    engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT + DAY)
    with pytest.raises(MemoryNotFound):
        engine.backend.update(ALICE, "plan", extra_ms=1, max_ttl_ms=LONG)
    with pytest.raises(MemoryNotFound):
        engine.backend.delete(ALICE, "plan")


@pytest.mark.parametrize("purge", [True, False], ids=["purged", "unpurged"])
def test_the_newest_thousand_are_remembered(engine: Engine, purge: bool) -> None:
    records = {f"{n}": engine.backend.put(ALICE, f"{n}", [b"1"], SHORT) for n in range(1_000)}
    engine.advance(SHORT)
    while purge and engine.backend.purge(300).more:
        pass
    for name, record in records.items():
        assert assert_expired(engine.backend, ALICE, name) == record.expires_at_ms


def test_the_newest_are_those_that_expired_last(exact_engine: Engine) -> None:
    engine = exact_engine
    for n in range(1_500):
        engine.backend.put(ALICE, f"{n}", [b"1"], 10_000 - n)
    engine.advance(10_000)
    while engine.backend.purge(300).more:
        pass
    for n in range(1_000):
        assert assert_expired(engine.backend, ALICE, f"{n}") == engine.now_ms() - n


def test_many_dead_of_one_user_do_not_make_anothers_forgotten(engine: Engine) -> None:
    record = engine.backend.put(BOB, "plan", [b"1"], SHORT)
    for n in range(1_200):
        engine.backend.put(ALICE, f"{n}", [b"1"], SHORT)
    engine.advance(SHORT)
    while engine.backend.purge(500).more:
        pass
    assert assert_expired(engine.backend, BOB, "plan") == record.expires_at_ms


def test_tombstones_count_for_nothing(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"12345"], SHORT)
    engine.advance(SHORT)
    engine.backend.purge(1000)
    assert engine.backend.totals(ALICE) == (0, 0)
    assert engine.backend.totals() == (0, 0)
    assert engine.backend.page(ALICE).entries == []


def test_the_dead_are_told_from_the_living_in_one_store(engine: Engine) -> None:
    for n in range(50):
        engine.backend.put(ALICE, f"dead{n}", [b"1"], SHORT)
        engine.backend.put(ALICE, f"live{n}", [b"1"], LONG)
    engine.advance(SHORT)
    engine.backend.purge(20)
    for n in range(50):
        with pytest.raises(MemoryExpired):
            engine.backend.get(ALICE, f"dead{n}")
        assert content(engine.backend.get(ALICE, f"live{n}")) == b"1"
