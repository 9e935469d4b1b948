"""The scale of an axis: round numbers, from zero to at least the highest value."""

import math
from itertools import count
from typing import NamedTuple

from operators.charts.units import tick

LINES = 4


class Mark(NamedTuple):
    """A label, and where on the axis it stands, in percent."""

    label: str
    percent: float


def step(highest: float, whole: bool) -> float:
    """1, 2 or 5 times a power of ten, such that at most LINES of them reach `highest`."""
    least = max(highest / LINES, 1 if whole else 0.01)
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9))


def marks(highest: float, *, whole: bool) -> tuple[float, list[Mark]]:
    """The end of the axis, and its marks; `whole` for what is counted and never in parts."""
    distance = step(highest, whole)
    lines = next(number for number in count(1) if number * distance >= highest * (1 - 1e-9))
    return lines * distance, [
        Mark(tick(round(number * distance, 6)), 100 * number / lines) for number in range(lines + 1)
    ]
