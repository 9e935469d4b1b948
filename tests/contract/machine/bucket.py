"""The model of one user's token bucket."""

from stash_memory.bucket import Bucket, Spend
from tests.contract.machine.window import Window


class ModelBucket:
    """Knows the instant at which the bucket is full again; on a real clock, an interval that holds it."""

    def __init__(self) -> None:
        self._full_us = Window(0, 0)

    def charge(self, spend: Spend, window: Window, *, some: bool = False) -> int:
        """Judges what a backend wrote into the spend, adopts it, and returns the tokens that it granted."""
        told = spend.bucket
        assert told is not None, "a spend is always decided"
        worst = _asked(self._full_us.last_us, window.first_us, spend, some)
        best = _asked(self._full_us.first_us, window.last_us, spend, some)
        assert worst.granted <= told.granted <= best.granted
        if worst.granted == best.granted:
            for name in ("remaining", "full_after_ms", "retry_after_ms"):
                ends = sorted([getattr(worst, name), getattr(best, name)])
                assert ends[0] <= getattr(told, name) <= ends[1], (name, told, worst, best)
        taken_us = told.granted * spend.interval_us
        # What it told of the time until it is full narrows down when that is.
        told_us = told.full_after_ms * 1000
        self._full_us = Window(
            max(max(self._full_us.first_us, window.first_us) + taken_us, window.first_us + told_us - 999),
            min(max(self._full_us.last_us, window.last_us) + taken_us, window.last_us + told_us),
        )
        assert self._full_us.first_us <= self._full_us.last_us
        return told.granted


def _asked(full_us: int, now_us: int, spend: Spend, some: bool) -> Bucket:
    """What a bucket that is full at `full_us` answers at `now_us`: the law, in so many words."""
    token_us = spend.interval_us
    debt_us = max(0, full_us - now_us)
    there = max(0, spend.burst * token_us - debt_us) // token_us
    granted = spend.cost if spend.cost <= there else there if some else 0
    debt_us += granted * token_us
    wanted = 0 if granted == spend.cost else 1 if some else spend.cost
    retry_us = debt_us + wanted * token_us - spend.burst * token_us if wanted else 0
    left = max(0, spend.burst * token_us - debt_us) // token_us
    return Bucket(granted, left, _up(debt_us), _up(retry_us))


def _up(us: int) -> int:
    """Whole milliseconds, rounded up."""
    return -(-us // 1000)
