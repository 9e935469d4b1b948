"""Times as Stash shows them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stash_memory.times import iso, whole_seconds_left


@pytest.mark.parametrize(
    ("at_ms", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_768_476_600_000, "2026-01-15T11:30:00Z"),
        (1_768_476_600_999, "2026-01-15T11:30:00Z"),
        (1_768_476_601_000, "2026-01-15T11:30:01Z"),
        (1_709_164_800_000, "2024-02-29T00:00:00Z"),
        (4_102_444_799_999, "2099-12-31T23:59:59Z"),
    ],
)
def test_an_instant_is_utc_in_whole_seconds_rounded_down(at_ms: int, text: str) -> None:
    assert iso(at_ms) == text


@given(st.integers(0, 253_402_300_799_999))
def test_an_instant_reads_back_to_its_second(at_ms: int) -> None:
    assert datetime.fromisoformat(iso(at_ms)) == datetime.fromtimestamp(at_ms // 1000, UTC)


@pytest.mark.parametrize(
    ("remaining_ms", "seconds"),
    [(1, 1), (999, 1), (1_000, 1), (1_001, 2), (3_599_001, 3_600), (3_600_000, 3_600)],
)
def test_what_remains_is_rounded_up(remaining_ms: int, seconds: int) -> None:
    assert whole_seconds_left(remaining_ms) == seconds


@given(st.integers(1, 10**15))
def test_what_remains_is_never_nothing_while_something_does(remaining_ms: int) -> None:
    seconds = whole_seconds_left(remaining_ms)
    assert (seconds - 1) * 1000 < remaining_ms <= seconds * 1000
