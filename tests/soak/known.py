"""What a client knows of a memory: what it wrote last, and between which two instants it expires."""

from enum import Enum
from typing import NamedTuple

# Clocks are compared across processes, and the service counts in whole milliseconds.
SLACK = 0.005


class State(Enum):
    """Whether a memory lives, as far as its client can tell."""

    ALIVE = 1
    DEAD = 2
    DYING = 3


class Known(NamedTuple):
    """A memory: its JSON text, its version as an ETag, and when it expires (seconds since the epoch)."""

    text: bytes
    etag: str
    earliest: float
    latest: float

    def state(self, began: float, ended: float) -> State:
        """What a request that was under way between these two instants must have found."""
        if ended < self.earliest - SLACK:
            return State.ALIVE
        return State.DEAD if began > self.latest + SLACK else State.DYING
