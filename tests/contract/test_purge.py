"""Purging: takes what expired, a bounded lot at a time, and never what lives."""

import pytest

from stash_memory.errors import MemoryExpired
from tests.contract.cast import ALICE, BOB, LONG, SHORT, assert_missing, content, ids
from tests.contract.engines import Engine


def expire(engine: Engine, count: int, size: int = 2) -> None:
    for n in range(count):
        engine.backend.put(ALICE if n % 2 else BOB, f"dead{n}", [b"x" * size], SHORT)
    engine.advance(SHORT)


def test_an_empty_store_has_nothing_to_purge(engine: Engine) -> None:
    assert engine.backend.purge(1000) == (0, 0, False)


def test_a_purge_says_what_it_removed(engine: Engine) -> None:
    expire(engine, 20)
    purged = engine.backend.purge(1000)
    assert purged.more is False
    if engine.expires_itself:
        assert purged.memories <= 20
    else:
        assert (purged.memories, purged.bytes) == (20, 40)


def test_a_second_purge_finds_nothing(engine: Engine) -> None:
    expire(engine, 20)
    engine.backend.purge(1000)
    assert engine.backend.purge(1000) == (0, 0, False)


def test_what_was_purged_is_gone_from_everywhere(engine: Engine) -> None:
    expire(engine, 20)
    engine.backend.purge(1000)
    assert ids(engine.backend, ALICE) == ids(engine.backend, BOB) == []
    assert engine.backend.totals() == (0, 0)
    for n in range(20):
        assert_missing(engine.backend, ALICE, f"dead{n}")


def test_a_purge_never_removes_what_lives(engine: Engine) -> None:
    for n in range(50):
        engine.backend.put(ALICE, f"live{n}", [b"1"], LONG)
        engine.backend.put(ALICE, f"extended{n}", [b"2"], SHORT)
        engine.backend.update(ALICE, f"extended{n}", extra_ms=LONG, max_ttl_ms=LONG)
        engine.backend.put(ALICE, f"replaced{n}", [b"3"], SHORT)
        engine.backend.put(ALICE, f"replaced{n}", [b"3"], LONG)
        engine.backend.put(ALICE, f"again{n}", [b"4"], SHORT)
        engine.backend.delete(ALICE, f"again{n}")
        engine.backend.put(ALICE, f"again{n}", [b"4"], LONG)
    expire(engine, 20)
    while engine.backend.purge(7).more:
        pass
    for n in range(50):
        for name, data in [("live", b"1"), ("extended", b"2"), ("replaced", b"3"), ("again", b"4")]:
            assert content(engine.backend.get(ALICE, f"{name}{n}")) == data
    assert engine.backend.totals() == (200, 200)


def test_a_purge_of_the_living_removes_nothing(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    assert engine.backend.purge(1000) == (0, 0, False)
    assert content(engine.backend.get(ALICE, "plan")) == b"1"


def test_a_purge_keeps_to_its_budget(engine: Engine) -> None:
    expire(engine, 100)
    purged = engine.backend.purge(10)
    assert purged.memories <= 20, "about 10"
    if not engine.expires_itself:
        assert purged.memories >= 1
        assert purged.more is True


def test_purges_end_when_nothing_is_left(engine: Engine) -> None:
    expire(engine, 100)
    removed = size = purges = 0
    more = True
    while more:
        memories, freed, more = engine.backend.purge(10)
        removed, size, purges = removed + memories, size + freed, purges + 1
        assert purges <= 101
    # On a real clock some may expire while others are still put, and those writes clear them.
    if engine.exact:
        assert (removed, size) == (100, 200)
    assert size == 2 * removed
    assert engine.backend.purge(10) == (0, 0, False)


def test_a_budget_that_is_just_enough_leaves_no_more(exact_engine: Engine) -> None:
    expire(exact_engine, 10)
    assert exact_engine.backend.purge(10) == (10, 20, False)


def test_large_bodies_are_purged_whole(engine: Engine) -> None:
    expire(engine, 2, size=3_000_000)
    purged = engine.backend.purge(1000)
    # On a real clock the first may expire while the second is still put, and that write clears it.
    assert purged == (2, 6_000_000, False) or not engine.exact
    assert purged.bytes == 3_000_000 * purged.memories
    assert engine.backend.totals() == (0, 0)


def test_a_purge_takes_what_expired_again(engine: Engine) -> None:
    for _ in range(3):
        engine.backend.put(ALICE, "plan", [b"1"], SHORT)
        engine.advance(SHORT)
        purged = engine.backend.purge(1000)
        assert engine.expires_itself or purged == (1, 1, False)
        with pytest.raises(MemoryExpired):
            engine.backend.get(ALICE, "plan")


def test_writes_alone_keep_the_store_bounded(exact_engine: Engine) -> None:
    engine = exact_engine
    for n in range(2_000):
        engine.backend.put(ALICE, f"{n}", [b"1"], 10)
        engine.advance(1)
    engine.advance(10)
    left = engine.backend.purge(10_000)
    assert left.memories <= 100, "2,000 were written, and no more than 11 were ever alive at once"
