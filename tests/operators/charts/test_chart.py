"""Charts: what they draw is what was counted, in round numbers and with units."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.charts.chart import LINES, Chart, Series, marks
from operators.charts.units import lasting, milliseconds, number, several, share, size, tick

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENTS = [NOON + number * timedelta(minutes=1) for number in range(3)]


def chart(*series: Series, lines: bool = False) -> Chart:
    return Chart(
        "Requests",
        "requests a minute",
        series,
        MOMENTS,
        lambda at: f"{at:%H:%M}",
        lambda at: at.minute % 2 == 0,
        lines=lines,
    )


def test_bars_stand_on_one_another_and_are_as_high_as_their_numbers() -> None:
    drawn = chart(Series("found", "calm", [1, 0, 4], "5"), Series("missing", "quiet", [2, 0, 4], "6"))

    assert drawn.scale[0] == 8
    assert [(bar.y, bar.height, bar.tone) for bar in drawn.bars] == [
        (87.5, 12.5, "calm"),
        (62.5, 25, "quiet"),
        (50, 50, "calm"),
        (0, 50, "quiet"),
    ]
    assert drawn.columns[0].words == "12:00: 1 found, 2 missing"
    assert [mark.label for mark in drawn.x_marks] == ["12:00", "12:02"]
    assert [mark.label for mark in drawn.y_marks] == ["0", "2", "4", "6", "8"]


def test_lines_are_broken_where_there_is_nothing_to_tell() -> None:
    drawn = chart(Series("p50", "calm", [2.0, None, 4.0], "3 ms"), lines=True)

    assert drawn.bars == []
    assert drawn.paths == [("calm", "M5 50.00L5 50.00M25 0.00L25 0.00")]


def test_a_chart_of_nothing_is_empty() -> None:
    assert chart(Series("found", "calm", [0, 0, 0], "0")).empty
    assert chart(Series("p50", "calm", [None, None, None], "-"), lines=True).empty


@given(st.floats(0.001, 1e12), st.booleans())
def test_an_axis_is_round_reaches_the_highest_and_wastes_less_than_half(highest: float, whole: bool) -> None:
    end, found = marks(highest, whole=whole)

    assert end >= highest * (1 - 1e-6)
    assert len(found) <= LINES + 1
    assert end < 2 * max(highest, 1 if whole else 0.01) + 1e-9
    assert found[0] == ("0", 0)
    assert found[-1].percent == 100
    steps = [right.percent - left.percent for left, right in pairwise(found)]
    assert max(steps) == pytest.approx(min(steps))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (number(1234), "1,234"),
        (number(0.04), "< 0.1"),
        (number(1.25), "1.2"),
        (number(9.96), "10"),
        (number(14.25), "14"),
        (number(9_999_999), "9,999,999"),
        (number(12_345_678), "12 M"),
        (number(12_345_678_901), "12 G"),
        (several(0, "request"), "0 requests"),
        (several(1, "request"), "1 request"),
        (several(1_234, "update"), "1,234 updates"),
        (tick(250), "250"),
        (tick(5_000), "5k"),
        (tick(20_000), "20k"),
        (tick(2_000_000), "2M"),
        (size(0), "0 bytes"),
        (size(1), "1 byte"),
        (size(512), "512 bytes"),
        (size(1_572_864), "1.5 MB"),
        (size(48 * 1024), "48 KB"),
        (size(9 * 1024 + 1000), "10 KB"),
        (size(1_048_000), "1,023 KB"),
        (size(1_048_570), "1.0 MB"),
        (share(0), "0 %"),
        (share(0.000_01), "< 0.1 %"),
        (share(0.0042), "0.4 %"),
        (share(0.048), "4.8 %"),
        (share(0.0593), "5.9 %"),
        (share(0.0996), "10 %"),
        (share(1), "100 %"),
        (share(0.123), "12 %"),
        (milliseconds(None, 5000), "-"),
        (milliseconds(0.84, 5000), "0.8 ms"),
        (milliseconds(9.94, 5000), "9.9 ms"),
        (milliseconds(9.96, 5000), "10 ms"),
        (milliseconds(10.2, 5000), "10 ms"),
        (milliseconds(999.7, 5000), "1.0 s"),
        (milliseconds(1234, 5000), "1.2 s"),
        (milliseconds(5000, 5000), "over 5 s"),
        (lasting(timedelta(seconds=34)), "34 s"),
        (lasting(timedelta(minutes=5)), "5 min"),
        (lasting(timedelta(days=12)), "12 days"),
    ],
)
def test_numbers_have_units(said: str, words: str) -> None:
    assert said == words
