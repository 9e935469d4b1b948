"""Waiting for what will be: looked at again and again, until a deadline."""

import time
from collections.abc import Callable


def wait_for(true: Callable[[], object], seconds: float = 20) -> None:
    """Returns when `true()` is; fails the test when it is not in time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.02)
