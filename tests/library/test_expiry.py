"""The arithmetic of TTLs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stash_memory.law import extended

NOW_MS = 1_768_476_600_000
left = st.integers(1, 10**12)
change = st.one_of(st.none(), st.integers(0, 10**12))


def left_after(
    left_ms: int, *, extra_ms: int | None = None, at_least_ms: int | None = None, max_ttl_ms: int = 100
) -> int:
    expires_at_ms = extended(
        NOW_MS + left_ms, NOW_MS, extra_ms=extra_ms, at_least_ms=at_least_ms, max_ttl_ms=max_ttl_ms
    )
    return expires_at_ms - NOW_MS


def test_without_a_wish_it_stays() -> None:
    assert left_after(40) == 40


def test_extra_adds_to_what_remains() -> None:
    assert left_after(40, extra_ms=25) == 65


def test_extra_is_held_to_the_most_from_now() -> None:
    assert left_after(40, extra_ms=60) == 100
    assert left_after(40, extra_ms=61) == 100


def test_at_least_raises_what_remains_to_itself() -> None:
    assert left_after(40, at_least_ms=41) == 41
    assert left_after(40, at_least_ms=100) == 100


def test_at_least_leaves_what_has_more() -> None:
    assert left_after(40, at_least_ms=39) == 40


def test_at_least_is_held_to_the_most_from_now() -> None:
    assert left_after(40, at_least_ms=101) == 100


@pytest.mark.parametrize(("at_least_ms", "result_ms"), [(10, 50), (50, 50), (51, 51)])
def test_of_both_the_longer_counts(at_least_ms: int, result_ms: int) -> None:
    assert left_after(40, extra_ms=10, at_least_ms=at_least_ms) == result_ms


@pytest.mark.parametrize("wish", [{}, {"extra_ms": 10}, {"at_least_ms": 500}])
def test_a_life_over_the_most_is_not_shortened(wish: dict[str, int]) -> None:
    assert left_after(140, **wish) == 140


@given(left, change, change, left)
def test_never_shorter_and_never_over_the_most_unless_it_was(
    left_ms: int, extra_ms: int | None, at_least_ms: int | None, max_ttl_ms: int
) -> None:
    after = left_after(left_ms, extra_ms=extra_ms, at_least_ms=at_least_ms, max_ttl_ms=max_ttl_ms)
    assert left_ms <= after <= max(left_ms, max_ttl_ms)


@given(left, change, change, left)
def test_each_wish_is_met_as_far_as_the_most_allows(
    left_ms: int, extra_ms: int | None, at_least_ms: int | None, max_ttl_ms: int
) -> None:
    after = left_after(left_ms, extra_ms=extra_ms, at_least_ms=at_least_ms, max_ttl_ms=max_ttl_ms)
    assert after >= min(left_ms + (extra_ms or 0), max_ttl_ms)
    assert after >= min(at_least_ms or 0, max_ttl_ms)
    assert after <= max(left_ms + (extra_ms or 0), at_least_ms or 0)
