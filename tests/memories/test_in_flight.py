"""The budget of bytes in flight."""

import pytest
from django.test import RequestFactory

from memories.in_flight import InFlight, in_flight
from memories.trace import Trace
from stash_memory.errors import StoreUnavailable


def test_what_does_not_fit_is_told_to_come_back() -> None:
    budget = InFlight(100)
    budget.take(60)

    with pytest.raises(StoreUnavailable) as refused:
        budget.take(41)
    assert refused.value.applied is False
    assert refused.value.retry_after_ms == 2_000
    assert budget.held == 60


def test_what_is_given_back_can_be_taken_again() -> None:
    budget = InFlight(100)
    budget.take(60)
    budget.give_back(60)
    budget.take(100)

    assert budget.held == 100


def test_an_idle_process_takes_any_one_body() -> None:
    budget = InFlight(100)
    budget.take(1000)

    assert budget.held == 1000


class FullLane:
    """One that nobody leaves."""

    def enter(self, seconds: float) -> bool:
        return False

    def leave(self) -> None:
        raise AssertionError("whoever did not enter cannot leave")


def test_a_body_that_waited_too_long_is_told_to_come_back_and_is_held_no_longer() -> None:
    operation = Trace(RequestFactory().get("/"))
    held = in_flight.held
    operation.hold(100)

    with pytest.raises(StoreUnavailable) as refused:
        operation.compute(FullLane())
    operation.release()

    assert refused.value.applied is False
    assert refused.value.retry_after_ms == 2_000
    assert in_flight.held == held
