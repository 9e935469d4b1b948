"""How long a client may keep the server waiting: arithmetic alone, with every time handed in (seconds)."""

from dataclasses import dataclass

# A head is a few hundred bytes and fits in one packet: 10 s are three lost packets and their retransmissions.
HEAD_SECONDS = 10.0
# A pause longer than any hand-over between mobile cells; a client silent for longer has gone.
IDLE_SECONDS = 10.0
# The average is not judged earlier: connections start slowly (TCP), and short stalls even out.
GRACE_SECONDS = 10.0
# Half of a 256 kbit/s line. An idle limit alone frees nothing from a client that sends a byte every few seconds.
BYTES_PER_SECOND = 16 * 1024

# Said goodbye, a connection is read for so long and so much, so that the client gets the answer, not a reset.
LINGER_SECONDS = 1.0
LINGER_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """The numbers that one server keeps to: seconds, bytes, bytes a second."""

    head: float = HEAD_SECONDS
    idle: float = IDLE_SECONDS
    grace: float = GRACE_SECONDS
    rate: float = BYTES_PER_SECOND
    linger: float = LINGER_SECONDS


class Countdown:
    """So many seconds in total, whatever arrives meanwhile."""

    def __init__(self, seconds: float, now: float) -> None:
        self.ends = now + seconds

    def allowance(self, now: float) -> float:
        """Seconds that the client may still take; none or less when it is too late."""
        return self.ends - now

    def waited(self, seconds: float) -> None:
        """The clock runs by itself."""

    def moved(self, total: int) -> None:
        """Nothing that arrives buys time."""


class Pace:
    """A longest pause, and after a grace period a lowest average rate. Only time spent waiting counts."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waited = 0.0
        self._still = 0.0
        self._moved = 0

    def allowance(self, now: float) -> float:
        """Seconds that the client may still take if nothing moves; none or less when it is too late."""
        limits = self._limits
        earned = max(limits.grace, self._moved / limits.rate)
        return min(limits.idle - self._still, earned - self._waited)

    def waited(self, seconds: float) -> None:
        """The server waited for the client for so long."""
        self._waited += seconds
        self._still += seconds

    def moved(self, total: int) -> None:
        """So many bytes in all have come from, or reached, the client."""
        if total > self._moved:
            self._moved = total
            self._still = 0.0
