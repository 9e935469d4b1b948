"""A clock that is moved by hand, and the engines that can be given one."""

from tests.contract.engines.engine import Engine

# An instant with a fraction of a millisecond: whoever rounds the wrong way is seen.
SOME_NS = 1_768_476_600_123_456_789


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at_ns: int = SOME_NS) -> None:
        self.at_ns = at_ns

    def __call__(self) -> int:
        return self.at_ns


class HandClocked(Engine):
    """An engine whose clock can be handed in."""

    def __init__(self) -> None:
        self.clock = HandClock()

    def advance(self, ms: int) -> None:
        self.clock.at_ns += ms * 1_000_000

    def now_us(self) -> int:
        return self.clock.at_ns // 1000
