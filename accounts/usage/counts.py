"""Counts, and what can be said of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.usage.columns import BOUNDS_MS, COLUMNS, FIRST_BUCKET


@dataclass(frozen=True, slots=True)
class Counts:
    """The sums of one subject over some time; see UsageCounts. `latency` is its histogram."""

    requests: int
    stashes: int
    updates: int
    forgets: int
    recalls_found: int
    recalls_expired: int
    recalls_missing: int
    bytes_in: int
    bytes_out: int
    status_429: int
    status_4xx: int
    status_5xx: int
    latency: tuple[int, ...]

    @classmethod
    def of(cls, numbers: Iterable[int | None]) -> "Counts":
        """Of a row's columns, in their order; None counts as 0, since the sum of no rows is none."""
        whole = [number or 0 for number in numbers]
        named = dict(zip(COLUMNS[:FIRST_BUCKET], whole, strict=False))
        return cls(**named, latency=tuple(whole[FIRST_BUCKET:]))

    @property
    def numbers(self) -> tuple[int, ...]:
        """A row's columns, in their order."""
        return (*(getattr(self, name) for name in COLUMNS[:FIRST_BUCKET]), *self.latency)

    @property
    def recalls(self) -> int:
        """Whatever became of them."""
        return self.recalls_found + self.recalls_expired + self.recalls_missing

    @property
    def answered(self) -> int:
        """Requests that did what they asked."""
        return self.requests - self.status_429 - self.status_4xx - self.status_5xx

    def share(self, number: int) -> float:
        """`number` as a share of the requests, from 0 to 1; 0 where there are none."""
        return number / self.requests if self.requests else 0.0

    def latency_ms(self, percent: float) -> float | None:
        """The time within which so many percent of the requests were answered; None where there are none.

        As exact as its bucket of the histogram, inside which the requests are taken to lie evenly. Beyond the last
        bound it is that bound: 5,000 means at least that.
        """
        rank, below = sum(self.latency) * percent / 100, 0
        if not rank:
            return None
        for low, high, number in zip((0, *BOUNDS_MS), (*BOUNDS_MS, BOUNDS_MS[-1]), self.latency, strict=True):
            if number and below + number >= rank:
                return low + (high - low) * (rank - below) / number
            below += number
        return float(BOUNDS_MS[-1])


NONE = Counts.of((0,) * len(COLUMNS))
