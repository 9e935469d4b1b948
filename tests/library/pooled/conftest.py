"""Two pools under one clock, and a user who moves from the one to the other."""

from collections.abc import Callable

import pytest

from stash_memory.backends.pooled import Stay
from tests.backends import MemoryBackend, PooledBackend
from tests.contract.engines import HandClock

# When the user moves, in milliseconds from the beginning.
MOVE_MS = 2_000


class Place:
    """The pools `free` and `pro`, and the user's backend at each stage of a move."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.began_ms = self.now_ms
        self.free = MemoryBackend(clock=self.clock)
        self.pro = MemoryBackend(clock=self.clock)
        self.move_ms = self.now_ms + MOVE_MS
        self.unaware = self.backend(Stay(self.free))
        self.moving = self.backend(Stay(self.free, self.move_ms), Stay(self.pro))

    @property
    def now_ms(self) -> int:
        return self.clock() // 1_000_000

    def advance(self, ms: int) -> None:
        self.clock.at_ns += ms * 1_000_000

    def backend(self, *stays: Stay, renewed: Callable[[], list[Stay] | None] | None = None) -> PooledBackend:
        return PooledBackend(stays, renewed=renewed, clock=self.clock)


@pytest.fixture
def place() -> Place:
    return Place()
