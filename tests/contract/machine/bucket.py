"""The model of one user's token bucket."""

from stash_memory.bucket import Spend
from tests.contract.machine.window import Window


class ModelBucket:
    """Knows the instant at which the bucket is full again; on a real clock, an interval that holds it.

    A backend may look at its clock more than once: to decide, to write, and to tell. Each look is in the window.
    """

    def __init__(self) -> None:
        self._full_us = Window(0, 0)

    def charge(self, spend: Spend, window: Window, *, some: bool = False) -> int:
        """Judges what a backend wrote into the spend, adopts it, and returns the tokens that it granted."""
        told = spend.bucket
        assert told is not None, "a spend is always decided"
        token_us = spend.interval_us
        most_us = spend.burst * token_us
        fewest = _granted(spend, most_us - max(0, self._full_us.last_us - window.first_us), some)
        assert fewest <= told.granted
        assert told.granted <= _granted(
            spend, most_us - max(0, self._full_us.first_us - window.last_us), some
        )

        taken_us = told.granted * token_us
        full_us = Window(
            max(self._full_us.first_us, window.first_us) + taken_us,
            max(self._full_us.last_us, window.last_us) + taken_us,
        )
        # What is missing until it is full, at the least and at the most.
        missing = [max(0, full_us.first_us - window.last_us), full_us.last_us - window.first_us]
        wanted = 0 if told.granted == spend.cost else 1 if some else spend.cost
        full_ms = [_up(us) for us in missing]
        retry_ms = [_up(max(0, us + wanted * token_us - most_us)) if wanted else 0 for us in missing]
        left = [max(0, most_us - us) // token_us for us in reversed(missing)]
        assert full_ms[0] <= told.full_after_ms <= full_ms[1]
        assert retry_ms[0] <= told.retry_after_ms <= retry_ms[1]
        assert left[0] <= told.remaining <= left[1]

        # What was told narrows it down.
        told_us = told.full_after_ms * 1000
        self._full_us = Window(
            max(full_us.first_us, window.first_us + told_us - 999),
            min(full_us.last_us, window.last_us + told_us),
        )
        return told.granted


def _granted(spend: Spend, there_us: int, some: bool) -> int:
    """The tokens that are granted of so many, told as the time in which they came back."""
    there = max(0, there_us) // spend.interval_us
    if spend.cost <= there:
        return spend.cost
    return there if some else 0


def _up(us: int) -> int:
    """Whole milliseconds, rounded up."""
    return -(-us // 1000)
