"""How an update moves an expiry: told to the millisecond where the clock stands still."""

import pytest

from stash_memory.errors import MemoryExpired
from tests.contract.cast import ALICE, LONG, SHORT, assert_expired, content
from tests.contract.engines import Engine


def extension(engine: Engine, **change: int | None) -> int:
    """Milliseconds left of 10,000 after 4,000 passed and the change was made."""
    engine.backend.put(ALICE, "plan", [b"1"], 10_000)
    engine.advance(4_000)
    updated = engine.backend.update(ALICE, "plan", **change)  # type: ignore[arg-type]
    assert updated.remaining_ms == updated.expires_at_ms - engine.now_ms()
    assert engine.backend.get(ALICE, "plan").expires_at_ms == updated.expires_at_ms
    return updated.remaining_ms


@pytest.mark.parametrize(
    ("change", "left_ms"),
    [
        ({"extra_ms": 500, "max_ttl_ms": 60_000}, 6_500),
        ({"extra_ms": 1, "max_ttl_ms": 60_000}, 6_001),
        ({"extra_ms": 500, "max_ttl_ms": 6_500}, 6_500),
        ({"extra_ms": 500, "max_ttl_ms": 6_499}, 6_499),
        ({"extra_ms": 500_000, "max_ttl_ms": 60_000}, 60_000),
        ({"extra_ms": 500, "max_ttl_ms": 5_000}, 6_000),
        ({"extra_ms": 0, "max_ttl_ms": 60_000}, 6_000),
        ({"at_least_ms": 9_000, "max_ttl_ms": 60_000}, 9_000),
        ({"at_least_ms": 6_001, "max_ttl_ms": 60_000}, 6_001),
        ({"at_least_ms": 6_000, "max_ttl_ms": 60_000}, 6_000),
        ({"at_least_ms": 2_000, "max_ttl_ms": 60_000}, 6_000),
        ({"at_least_ms": 90_000, "max_ttl_ms": 60_000}, 60_000),
        ({"at_least_ms": 90_000, "max_ttl_ms": 5_000}, 6_000),
        ({"extra_ms": 500, "at_least_ms": 9_000, "max_ttl_ms": 60_000}, 9_000),
        ({"extra_ms": 5_000, "at_least_ms": 9_000, "max_ttl_ms": 60_000}, 11_000),
        ({"extra_ms": 5_000, "at_least_ms": 9_000, "max_ttl_ms": 10_500}, 10_500),
    ],
    ids=str,
)
def test_an_expiry_moves_exactly_as_far_as_it_should(
    exact_engine: Engine, change: dict[str, int], left_ms: int
) -> None:
    assert extension(exact_engine, **change) == left_ms


@pytest.mark.parametrize(
    ("change", "left_ms"),
    [
        ({"extra_ms": 500, "max_ttl_ms": 60_000}, 6_500),
        ({"extra_ms": 500_000, "max_ttl_ms": 60_000}, 60_000),
        ({"at_least_ms": 9_000, "max_ttl_ms": 60_000}, 9_000),
        ({"at_least_ms": 2_000, "max_ttl_ms": 60_000}, 6_000),
        ({"max_ttl_ms": 60_000}, 6_000),
        ({"max_ttl_ms": 1_000}, 6_000),
    ],
    ids=str,
)
def test_new_data_does_not_change_how_an_expiry_moves(
    exact_engine: Engine, change: dict[str, int], left_ms: int
) -> None:
    engine = exact_engine
    engine.backend.put(ALICE, "plan", [b"1"], 10_000)
    engine.advance(4_000)
    updated = engine.backend.update(ALICE, "plan", body=[b"2"], **change)  # type: ignore[arg-type]
    assert updated.remaining_ms == left_ms
    assert engine.backend.get(ALICE, "plan").expires_at_ms == updated.expires_at_ms


def test_extra_is_held_to_the_most_from_now(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    now_ms = engine.now_ms()
    updated = engine.backend.update(ALICE, "plan", extra_ms=LONG, max_ttl_ms=LONG + 5_000)
    assert engine.near(updated.expires_at_ms, now_ms + LONG + 5_000)


def test_a_life_is_never_shortened(engine: Engine) -> None:
    put = engine.backend.put(ALICE, "plan", [b"1"], LONG)
    updated = engine.backend.update(ALICE, "plan", extra_ms=1_000, max_ttl_ms=1_000)
    assert updated.expires_at_ms == put.expires_at_ms


def test_an_extended_record_outlives_its_first_expiry(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.backend.update(ALICE, "plan", extra_ms=LONG, max_ttl_ms=2 * LONG)
    engine.advance(SHORT)
    engine.backend.put(ALICE, "another", [b"1"], LONG)
    engine.backend.purge(1000)
    assert content(engine.backend.get(ALICE, "plan")) == b"1"


def test_a_large_record_outlives_its_first_expiry_whole(engine: Engine) -> None:
    data = bytes(range(256)) * 12_000
    engine.backend.put(ALICE, "plan", [data], SHORT)
    engine.backend.update(ALICE, "plan", at_least_ms=LONG, max_ttl_ms=LONG)
    engine.advance(SHORT)
    engine.backend.purge(1000)
    assert content(engine.backend.get(ALICE, "plan")) == data


def test_an_extended_record_expires_at_its_new_expiry(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    updated = engine.backend.update(ALICE, "plan", extra_ms=SHORT, max_ttl_ms=LONG)
    engine.advance(2 * SHORT)
    assert assert_expired(engine.backend, ALICE, "plan") == updated.expires_at_ms


def test_extensions_add_up(exact_engine: Engine) -> None:
    engine = exact_engine
    put = engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    for _ in range(100):
        engine.backend.update(ALICE, "plan", extra_ms=10, max_ttl_ms=LONG)
        engine.advance(5)
    assert engine.backend.get(ALICE, "plan").expires_at_ms == put.expires_at_ms + 1_000
    engine.advance(SHORT + 1_000 - 500 - 1)
    assert engine.backend.get(ALICE, "plan").remaining_ms == 1
    engine.advance(1)
    with pytest.raises(MemoryExpired):
        engine.backend.update(ALICE, "plan", extra_ms=10, max_ttl_ms=LONG)
