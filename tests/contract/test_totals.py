"""What is alive: of one user, and of all."""

from tests.contract.cast import ALICE, BOB, LONG, SHORT, assert_expired
from tests.contract.engines import Engine


def test_an_empty_store_has_nothing(engine: Engine) -> None:
    assert engine.backend.totals() == (0, 0)
    assert engine.backend.totals(ALICE) == (0, 0)


def test_a_users_totals_are_that_users(engine: Engine) -> None:
    engine.backend.put(ALICE, "a", [b"12", b"345"], LONG)
    engine.backend.put(ALICE, "b", [], LONG)
    engine.backend.put(BOB, "a", [b"123"], LONG)
    assert engine.backend.totals(ALICE) == (2, 5)
    assert engine.backend.totals(BOB) == (1, 3)


def test_the_totals_of_all_are_the_sum(engine: Engine) -> None:
    engine.backend.put(ALICE, "a", [b"12345"], LONG)
    engine.backend.put(BOB, "a", [b"123"], LONG)
    engine.backend.put(BOB, "b", [b"1"], LONG)
    totals = engine.backend.totals()
    assert (totals.memories, totals.bytes) == (3, 9)


def test_totals_follow_each_write(exact_engine: Engine) -> None:
    backend = exact_engine.backend
    backend.put(ALICE, "a", [b"12345"], LONG)
    backend.put(ALICE, "a", [b"123"], LONG)
    assert backend.totals(ALICE) == backend.totals() == (1, 3)
    backend.update(ALICE, "a", body=[b"1234567"], max_ttl_ms=LONG)
    assert backend.totals(ALICE) == backend.totals() == (1, 7)
    backend.update(ALICE, "a", extra_ms=1_000, max_ttl_ms=LONG * 2)
    assert backend.totals(ALICE) == backend.totals() == (1, 7)
    backend.put(ALICE, "b", [b"1"], LONG)
    backend.delete(ALICE, "a")
    assert backend.totals(ALICE) == backend.totals() == (1, 1)
    backend.delete_prefix(ALICE, "")
    assert backend.totals(ALICE) == backend.totals() == (0, 0)


def test_what_expired_does_not_count(engine: Engine) -> None:
    engine.backend.put(ALICE, "a", [b"12345"], SHORT)
    engine.backend.put(ALICE, "b", [b"1"], LONG)
    engine.backend.put(BOB, "a", [b"123"], SHORT)
    engine.advance(SHORT)
    assert engine.backend.totals(ALICE) == (1, 1)
    assert engine.backend.totals(BOB) == (0, 0)
    assert engine.backend.totals() == (1, 1)


def test_what_came_back_counts_once(engine: Engine) -> None:
    engine.backend.put(ALICE, "a", [b"12345"], SHORT)
    engine.advance(SHORT)
    engine.backend.put(ALICE, "a", [b"123"], LONG)
    assert engine.backend.totals(ALICE) == (1, 3)
    engine.backend.purge(1000)
    assert engine.backend.totals(ALICE) == (1, 3)


def test_asking_does_not_make_the_dead_forgotten(engine: Engine) -> None:
    record = engine.backend.put(ALICE, "a", [b"1"], SHORT)
    engine.advance(SHORT)
    engine.backend.totals()
    engine.backend.totals(ALICE)
    assert assert_expired(engine.backend, ALICE, "a") == record.expires_at_ms


def test_thousands_of_dead_do_not_count(exact_engine: Engine) -> None:
    for n in range(3_000):
        exact_engine.backend.put(ALICE, f"{n}", [b"1"], SHORT)
    exact_engine.backend.put(ALICE, "live", [b"123"], LONG)
    exact_engine.advance(SHORT)
    assert exact_engine.backend.totals() == (1, 3)
