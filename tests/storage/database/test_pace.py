"""The size of a batch follows the time that batches take."""

from stash_memory.backends.sql.clearing import FIRST, LEAST, SECONDS, Pace


def test_quick_batches_grow_to_the_most_and_no_further() -> None:
    pace = Pace(1_000)
    sizes = []
    for _ in range(6):
        sizes.append(pace.rows)
        pace.took(pace.rows, SECONDS / 10)
    assert sizes == [FIRST, 2 * FIRST, 4 * FIRST, 1_000, 1_000, 1_000]


def test_a_slow_batch_is_followed_by_one_that_fits() -> None:
    pace = Pace(1_000)
    pace.took(128, 4 * SECONDS)
    assert pace.rows == 32


def test_however_slow_it_is_some_rows_go() -> None:
    pace = Pace(1_000)
    pace.took(128, 60.0)
    assert pace.rows == LEAST


def test_a_batch_that_is_not_full_says_little() -> None:
    pace = Pace(1_000)
    pace.took(1, SECONDS / 100)
    pace.took(0, 0.0)
    assert pace.rows == FIRST


def test_a_batch_that_just_fits_is_kept() -> None:
    pace = Pace(1_000)
    pace.took(FIRST, 0.8 * SECONDS)
    assert pace.rows == FIRST


def test_the_first_is_no_more_than_the_most() -> None:
    assert Pace(10).rows == 10
