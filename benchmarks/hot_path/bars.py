"""The bars: what Stash has to reach beside whom, and what it aims at."""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.hot_path.heat import Heat, Results
from benchmarks.hot_path.job import BATCH_300, GET_300, POST_300, SINGLES, Job
from benchmarks.hot_path.payloads import KB

# The same server, measured once more right beside those that differ from it by little.
AGAIN = "stash-again"
# By size: the bar and the aim against FastAPI.
RATES = {300: (1.3, 1.6), 10 * KB: (1.6, 2.0), KB * KB: (9.0, 12.0)}


@dataclass(frozen=True)
class Verdict:
    """A measured value beside its bar; `low` and `high` are the rounds that differ most."""

    what: str
    value: float
    low: float
    high: float
    bar: float
    aim: float | None = None
    at_most: bool = False

    @property
    def reached(self) -> bool:
        """Whether the bar is reached."""
        return self.value <= self.bar if self.at_most else self.value >= self.bar

    def line(self) -> str:
        """One line of the report."""
        wanted = f"{'<=' if self.at_most else '>='} {self.bar:g}"
        if self.aim is not None:
            wanted += f" (aim {self.aim:g})"
        spread = f"{self.low:.2f} to {self.high:.2f}" if self.low != self.high else ""
        verdict = "reached" if self.reached else "NOT REACHED"
        return f"| {self.what} | {self.value:.2f} | {spread} | {wanted} | {verdict} |"


def verdicts(results: Results) -> Iterator[Verdict]:
    """All bars for which there are heats."""
    for job in SINGLES:
        bar, aim = RATES[job.size]
        yield from compare(
            results, f"{job.name}, against FastAPI", ("stash", job), ("fastapi", job), bar, aim
        )
    yield from compare(
        results, "GET 300 B, against raw WSGI", ("stash", GET_300), ("raw-wsgi", GET_300), 0.55, 0.7
    )
    batch = ("stash", BATCH_300)
    yield from compare(results, "batch of 100, per item, against single", batch, ("stash", GET_300), 15)
    yield from compare(results, "batch of 100, per item, against webdis GET", batch, ("webdis", GET_300), 1)
    for job in SINGLES:
        pair = ("stash", job), ("fastapi", job)
        yield from compare(results, f"{job.name}, p99, against FastAPI", *pair, 1, by=p99, at_most=True)
    sqlite = ("stash-sqlite", GET_300), ("stash", GET_300)
    yield from compare(results, "GET 300 B on sqlite, against redis", *sqlite, 0.9)
    for job in (GET_300, POST_300):
        workers = ("stash-2-workers", job), (AGAIN, job)
        yield from compare(results, f"{job.name}, two workers against one", *workers, 0.85)
        silence = (AGAIN, job), ("stash-silent", job)
        yield from compare(results, f"{job.name}, usage and logs on, against off", *silence, 0.93)


def per_cpu_second(heat: Heat) -> float:
    """Memories for each second of the server's processor."""
    return heat.per_cpu_second


def p99(heat: Heat) -> float:
    """Milliseconds that all but one in a hundred wait at most."""
    return heat.p99_ms


def compare(
    results: Results,
    what: str,
    ours: tuple[str, Job],
    theirs: tuple[str, Job],
    bar: float,
    aim: float | None = None,
    *,
    by: Callable[[Heat], float] = per_cpu_second,
    at_most: bool = False,
) -> Iterator[Verdict]:
    """The median of the rounds' ratios: two heats of one round ran on a machine of the same speed."""
    pairs = [results.get((name, job.name)) for name, job in (ours, theirs)]
    if pairs[0] and pairs[1]:
        ratios = [by(mine) / by(other) for mine, other in zip(*pairs, strict=True)]  # type: ignore[arg-type]
        yield Verdict(what, statistics.median(ratios), min(ratios), max(ratios), bar, aim, at_most)


def exactly(what: str, value: float, bar: float) -> Verdict:
    """A count, which no round can change."""
    return Verdict(what, value, value, value, bar, at_most=True)
