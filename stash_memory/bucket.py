"""The token bucket's arithmetic (GCRA): one integer of state, exact to the microsecond.

The state is the instant at which the bucket will be full again. Every backend keeps this number for each user, and
does the arithmetic in the operation's own atomic step.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from stash_memory.errors import RateLimited


class Bucket(NamedTuple):
    """A bucket after a request for tokens.

    `granted`: tokens taken. `remaining`: whole tokens left. `full_after_ms`: time until the bucket is full.
    `retry_after_ms`: time until the refused tokens can be granted; 0 if none were refused.
    """

    granted: int
    remaining: int
    full_after_ms: int
    retry_after_ms: int


@dataclass(slots=True)
class Spend:
    """A bucket of at most `burst` tokens, refilled at `rate` a second, and the `cost` to take from it.

    It belongs to one request. The backend that charges it writes the outcome into `bucket`, even if the request then
    fails; a spend that has its bucket is never charged again.
    """

    rate: float
    burst: int
    cost: int = 1
    bucket: Bucket | None = None
    interval_us: int = field(init=False)

    def __post_init__(self) -> None:
        # The microseconds after which one token is back.
        self.interval_us = max(1, round(1_000_000 / self.rate))

    def settle(self, bucket: Bucket) -> None:
        """Records the outcome. Raises RateLimited if no token was granted."""
        self.bucket = bucket
        if bucket.granted < 1:
            raise RateLimited(bucket.retry_after_ms)


def take(full_at_us: int, now_us: int, spend: Spend, *, some: bool = False) -> tuple[int, Bucket]:
    """Takes `spend.cost` tokens, or none, from the bucket that is full at `full_at_us`.

    With `some`, takes as many of them as the bucket has. Returns the new state and the outcome.
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
