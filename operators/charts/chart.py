"""A chart of numbers over time, as its template draws it (templates/charts/chart.html)."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import count
from typing import NamedTuple

from operators.charts.units import number, tick

LINES = 4


class Mark(NamedTuple):
    """A label and its place on the axis, in percent."""

    label: str
    percent: float


def step(highest: float, whole: bool) -> float:
    """Returns 1, 2 or 5 times a power of ten, so that at most LINES steps reach `highest`."""
    least = max(highest / LINES, 1 if whole else 0.01)
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least * (1 - 1e-9))


def marks(highest: float, *, whole: bool) -> tuple[float, list[Mark]]:
    """Returns the end of the axis and its marks, from zero to at least `highest`; `whole` allows no fractions."""
    distance = step(highest, whole)
    lines = next(number for number in count(1) if number * distance >= highest * (1 - 1e-9))
    return lines * distance, [
        Mark(tick(round(number * distance, 6)), 100 * number / lines) for number in range(lines + 1)
    ]


# Width of a column, height of the drawing, and the gap on each side of a bar.
WIDTH, HEIGHT, GAP = 10.0, 100.0, 1.2


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers over time, None for no data. `tone` names a color in charts.css."""

    name: str
    tone: str
    numbers: Sequence[float | None]
    total: str


class Bar(NamedTuple):
    """A rectangle of the drawing."""

    x: float
    y: float
    height: float
    tone: str


class Column(NamedTuple):
    """Tooltip of a moment."""

    x: float
    words: str


@dataclass(frozen=True)
class Chart:
    """Series over `moments`, as stacked bars or lines. `unit` names the unit and the length of a bar.

    `said` words a moment, `is_round` tells whether the axis shows it, `spoken` words a number.
    """

    title: str
    unit: str
    series: Sequence[Series]
    moments: Sequence[datetime]
    said: Callable[[datetime], str]
    is_round: Callable[[datetime], bool]
    lines: bool = False
    spoken: Callable[[float], str] = number

    @cached_property
    def highest(self) -> float:
        """Returns the highest point of all lines, or of all stacked bars."""
        by_moment = zip(*(one.numbers for one in self.series), strict=True)
        together = max if self.lines else sum
        return max((together([value or 0.0 for value in values]) for values in by_moment), default=0.0)

    @property
    def empty(self) -> bool:
        """Tells whether there is nothing to draw."""
        return self.highest == 0

    @property
    def width(self) -> float:
        """Returns the width of the drawing, which is HEIGHT high."""
        return WIDTH * len(self.moments)

    @cached_property
    def scale(self) -> tuple[float, list[Mark]]:
        """Returns the end of the y axis and its marks, from below."""
        return marks(self.highest, whole=not self.lines)

    @property
    def y_marks(self) -> list[Mark]:
        """Returns the marks of the y axis, in percent from below."""
        return self.scale[1]

    @property
    def grid(self) -> list[float]:
        """Returns the distance of each mark's line from the top."""
        return [HEIGHT - mark.percent for mark in self.y_marks]

    @property
    def x_marks(self) -> list[Mark]:
        """Returns the round moments of the x axis, in percent from the left."""
        return [
            Mark(self.said(moment), round(100 * (place + 0.5) / len(self.moments), 2))
            for place, moment in enumerate(self.moments)
            if self.is_round(moment)
        ]

    @property
    def bars(self) -> list[Bar]:
        """Returns the bars; none if the chart has lines."""
        if self.lines:
            return []
        found, top = [], self.scale[0]
        for place in range(len(self.moments)):
            y = HEIGHT
            for one in self.series:
                height = HEIGHT * (one.numbers[place] or 0) / top
                if height:
                    y -= height
                    found.append(Bar(place * WIDTH + GAP, round(y, 2), round(height, 2), one.tone))
        return found

    @property
    def bar_width(self) -> float:
        """Returns the width of a bar."""
        return WIDTH - 2 * GAP

    @property
    def paths(self) -> list[tuple[str, str]]:
        """Returns the tone and the path of each line, broken at moments without data."""
        return [(one.tone, self.path(one)) for one in self.series] if self.lines else []

    def path(self, one: Series) -> str:
        """Returns an SVG path. A lone point is a line to itself, which round ends draw as a dot."""
        steps, pen = [], "M"
        for place, value in enumerate(one.numbers):
            if value is None:
                pen = "M"
                continue
            at = f"{(place + 0.5) * WIDTH:g} {HEIGHT - HEIGHT * value / self.scale[0]:.2f}"
            steps.append(f"M{at}L{at}" if pen == "M" else f"L{at}")
            pen = "L"
        return "".join(steps)

    @property
    def columns(self) -> list[Column]:
        """Returns a tooltip for each moment."""
        return [Column(n * WIDTH, self.words(n)) for n in range(len(self.moments))]

    def words(self, place: int) -> str:
        """Words a moment, as `04:10 UTC: 12 found, 3 missing`."""
        parts = [
            f"{self.spoken(value)} {one.name}"
            for one in self.series
            if (value := one.numbers[place]) is not None
        ]
        return f"{self.said(self.moments[place])}: {', '.join(parts) or 'nothing'}"

    @property
    def summary(self) -> str:
        """Describes the drawing for screen readers."""
        totals = ", ".join(f"{one.name} {one.total}" for one in self.series)
        return f"{self.title}, {self.unit}: {totals}; at most {self.spoken(self.highest)}."
