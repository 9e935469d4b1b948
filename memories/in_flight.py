"""How much of large bodies this process is at, at once: what does not fit waits, or is told to come back."""

from threading import Lock
from typing import Protocol

from django.conf import settings

from stash_memory.errors import StoreUnavailable

RETRY_AFTER_MS = 2_000
# As long as a body that has come waits until it may be computed on. Those that wait are bounded by their bytes.
LANE_SECONDS = 30.0


class TooManyInFlight(StoreUnavailable):
    """The server holds as many large bodies as it can; try again in a moment."""


class Lane(Protocol):
    """What the server gives its application to keep large bodies apart: `environ["stash.large_bodies"]`.

    Whoever is in it may compute on a large body; there is always a thread left for small requests.
    """

    def enter(self, seconds: float) -> bool:
        """Whether there was room within so many seconds."""
        ...

    def leave(self) -> None:
        """Makes room for the next."""
        ...


class InFlight:
    """A budget of bytes, shared by all requests of the process."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.held = 0
        self.lock = Lock()

    def take(self, size: int) -> None:
        """Counts `size` bytes more. Raises TooManyInFlight where they do not fit; an idle process takes any."""
        with self.lock:
            if self.held and self.held + size > self.budget:
                raise TooManyInFlight(applied=False, retry_after_ms=RETRY_AFTER_MS)
            self.held += size

    def give_back(self, size: int) -> None:
        """Those bytes are no longer held."""
        if size:
            with self.lock:
                self.held -= size


in_flight = InFlight(settings.STASH_BODY_BYTES_IN_FLIGHT)
