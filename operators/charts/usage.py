"""Charts of the usage of the service, a user or a key."""

from collections.abc import Callable, Sequence
from datetime import datetime

from accounts.usage.columns import BOUNDS_MS
from accounts.usage.counts import Counts
from accounts.usage.figures import Point, by_day, total
from accounts.usage.windows import DAY, HOUR, MONTH, NOW, Window
from operators.charts.chart import Chart, Series
from operators.charts.units import milliseconds, number

# Words for each window, and for one bar of its charts.
SPOKEN = {
    NOW.name: "last 5 minutes",
    HOUR.name: "last hour",
    DAY.name: "last 24 hours",
    MONTH.name: "last 30 days",
}
BARS = {HOUR.name: "minute", DAY.name: "hour", MONTH.name: "day"}


def charts(points: Sequence[Point], window: Window) -> list[Chart]:
    """Returns the charts of requests, stashes and recalls, recalls by outcome, and latency."""
    bars = by_day(points) if window is MONTH else list(points)
    every, sums = BARS[window.name], total(points)

    def bar_chart(title: str, unit: str, *columns: tuple[str, str, str]) -> Chart:
        series = [series_of(bars, sums, *column) for column in columns]
        return Chart(title, f"{unit} {a(every)}", series, moments, said(window), rounds(window))

    moments = [bar.at for bar in bars]
    return [
        bar_chart(
            "Requests",
            "requests",
            ("answered", "calm", "answered"),
            ("other 4xx", "quiet", "status_4xx"),
            ("429", "warn", "status_429"),
            ("5xx", "bad", "status_5xx"),
        ),
        bar_chart(
            "Stashes and recalls",
            "memories",
            ("stashed", "calm", "stashes"),
            ("recalled", "cool", "recalls"),
        ),
        bar_chart(
            "Recalls by outcome",
            "recalls",
            ("found", "calm", "recalls_found"),
            ("expired", "warn", "recalls_expired"),
            ("missing", "quiet", "recalls_missing"),
        ),
        latency(bars, sums, window),
    ]


def latency(bars: Sequence[Point], sums: Counts, window: Window) -> Chart:
    """Returns the chart of the median and the 95th percentile of each bar."""
    series = [
        Series(
            name,
            tone,
            [bar.counts.latency_ms(percent) for bar in bars],
            time(sums.latency_ms(percent)),
        )
        for name, tone, percent in (("p50", "calm", 50), ("p95", "warn", 95))
    ]
    moments = [bar.at for bar in bars]
    unit = f"milliseconds, by the {BARS[window.name]}"
    return Chart("Latency", unit, series, moments, said(window), rounds(window), lines=True, spoken=time)


def series_of(bars: Sequence[Point], sums: Counts, name: str, tone: str, column: str) -> Series:
    """Returns the series of one column."""
    numbers = [getattr(bar.counts, column) for bar in bars]
    return Series(name, tone, numbers, number(getattr(sums, column)))


def time(value: float | None) -> str:
    """Words a latency, as precise as the histogram."""
    return milliseconds(value, BOUNDS_MS[-1])


def said(window: Window) -> Callable[[datetime], str]:
    """Returns a function that words a moment of the window."""
    form = "%-d %b" if window is MONTH else "%H:%M"
    return lambda at: datetime.strftime(at, form)


def rounds(window: Window) -> Callable[[datetime], bool]:
    """Returns a predicate of moments on the axis: every tenth minute, fourth hour or fifth day."""
    if window is HOUR:
        return lambda at: at.minute % 10 == 0
    if window is DAY:
        return lambda at: at.hour % 4 == 0
    return lambda at: at.toordinal() % 5 == 0


def a(noun: str) -> str:
    """Puts the article before the noun."""
    return f"an {noun}" if noun == "hour" else f"a {noun}"
