"""How long a client may keep the server waiting: arithmetic only. The caller passes every time, in seconds."""

from dataclasses import dataclass

# A head is a few hundred bytes and fits in one packet: 10 s are three lost packets and their retransmissions.
HEAD_SECONDS = 10.0
# Longer than any hand-over between mobile cells: a client that is silent longer has gone.
IDLE_SECONDS = 10.0
# The average counts only after this time: TCP starts slowly, and short stalls even out.
GRACE_SECONDS = 10.0
# Half of a 256 kbit/s line. An idle limit alone would never stop a client that sends a byte every few seconds.
BYTES_PER_SECOND = 16 * 1024

# Before it closes, a connection is read for so long and so much, so that the client gets the response and no reset.
LINGER_SECONDS = 1.0
LINGER_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """The limits of one server: seconds, and bytes a second for `rate`."""

    head: float = HEAD_SECONDS
    idle: float = IDLE_SECONDS
    grace: float = GRACE_SECONDS
    rate: float = BYTES_PER_SECOND
    linger: float = LINGER_SECONDS


class Countdown:
    """A fixed total of seconds, whatever arrives meanwhile."""

    def __init__(self, seconds: float, now: float) -> None:
        self.ends = now + seconds

    def allowance(self, now: float) -> float:
        """Return how many seconds are left; zero or less if time is up."""
        return self.ends - now

    def waited(self, seconds: float) -> None:
        """Do nothing: the clock runs by itself."""

    def moved(self, total: int) -> None:
        """Do nothing: no byte buys time."""


class Pace:
    """A longest pause, and after a grace period a lowest average rate. Only the time spent waiting counts."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waited = 0.0
        self._still = 0.0
        self._moved = 0

    def allowance(self, now: float) -> float:
        """Return how many seconds are left if nothing moves; zero or less if time is up."""
        limits = self._limits
        earned = max(limits.grace, self._moved / limits.rate)
        return min(limits.idle - self._still, earned - self._waited)

    def waited(self, seconds: float) -> None:
        """Add time in which the server waited for the client."""
        self._waited += seconds
        self._still += seconds

    def moved(self, total: int) -> None:
        """Note how many bytes in all have come from, or reached, the client."""
        if total > self._moved:
            self._moved = total
            self._still = 0.0
