"""When something happened: an instant on a clock that stands still, an interval on a real one."""

from typing import NamedTuple


class Window(NamedTuple):
    """The backend decided at some instant from `first_us` to `last_us`, both included: microseconds."""

    first_us: int
    last_us: int

    @property
    def first_ms(self) -> int:
        return self.first_us // 1000

    @property
    def last_ms(self) -> int:
        return self.last_us // 1000

    def has(self, at_ms: int) -> bool:
        """Whether it may have happened at that millisecond."""
        return self.first_ms <= at_ms <= self.last_ms
