"""The token bucket's arithmetic (GCRA): one integer of state, exact to the microsecond.

The state is the instant at which the bucket will be full again. Every backend keeps that one
number for each user and does this arithmetic in the same atomic step as the operation.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from stash_memory.errors import RateLimited


class Bucket(NamedTuple):
    """What a bucket looks like after a token was asked of it.

    `granted`: tokens taken. `remaining`: whole tokens left. `full_after_ms`: time until the bucket
    is full. `retry_after_ms`: time until what was refused can be granted; 0 when nothing was.
    """

    granted: int
    remaining: int
    full_after_ms: int
    retry_after_ms: int


@dataclass(slots=True)
class Spend:
    """A bucket of at most `burst` tokens, refilled at `rate` a second, and the `cost` to take from it.

    Belongs to one request. Whoever decides it writes the outcome into `bucket`, whatever becomes of
    the request; a spend that has its bucket is decided, and is not charged again.
    """

    rate: float
    burst: int
    cost: int = 1
    bucket: Bucket | None = None
    interval_us: int = field(init=False)

    def __post_init__(self) -> None:
        # Microseconds in which one token comes back.
        self.interval_us = max(1, round(1_000_000 / self.rate))

    def settle(self, bucket: Bucket) -> None:
        """Writes down the outcome. Raises RateLimited when nothing was granted."""
        self.bucket = bucket
        if bucket.granted < 1:
            raise RateLimited(bucket.retry_after_ms)


def take(full_at_us: int, now_us: int, spend: Spend, *, some: bool = False) -> tuple[int, Bucket]:
    """Asks `spend.cost` tokens of the bucket that is full at `full_at_us`: all of them, or none.

    With `some`, as many of them as there are. Returns the new state and the outcome.
    """
    interval = spend.interval_us
    full_at_us = max(full_at_us, now_us)
    available = max(0, (spend.burst * interval - (full_at_us - now_us)) // interval)
    granted = min(spend.cost, available) if some else spend.cost * (spend.cost <= available)
    retry_us = 0
    if granted < spend.cost:
        wanted = 1 if some else spend.cost
        retry_us = full_at_us + (granted + wanted) * interval - spend.burst * interval - now_us
    full_at_us += granted * interval
    remaining = max(0, (spend.burst * interval - (full_at_us - now_us)) // interval)
    bucket = Bucket(granted, remaining, -(-(full_at_us - now_us) // 1000), -(-retry_us // 1000))
    return full_at_us, bucket
