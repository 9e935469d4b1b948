"""A server that has fallen silent: one at a time asks whether it is back, and the others are told so at once.

Else every thread of a process comes to wait for a frozen server, and the users of all others wait with them.
"""

import os
import threading

from redis.exceptions import TimeoutError as DriverTimeout

from stash_memory.backends.redis.connections import Pooled
from stash_memory.backends.redis.failures import DRIVER_ERRORS, Unreached, unreached
from stash_memory.errors import StoreUnavailable

# One that is well answers a PING in less than a millisecond; a script of the largest kind takes some ten.
PING_SECONDS = 0.3
# Whoever comes while another asks waits a moment for what it finds: it may have been one slow answer alone.
PATIENCE_SECONDS = 0.05


class Silence:
    """What one process knows of one server's silence. Costs nothing while there is none."""

    def __init__(self, connections: Pooled, name: str) -> None:
        self._connections = connections
        self._name = name
        self._asking = threading.Lock()
        self._process = os.getpid()
        self.fallen = False

    def note(self, error: StoreUnavailable) -> None:
        """An exchange ended so."""
        if isinstance(error.__cause__, DriverTimeout):
            self.fallen = True

    def listen(self) -> None:
        """Returns when the server answers again. Raises Unreached: nothing was sent that anyone waits for."""
        if self._process != os.getpid():
            # A forked child has the lock of a thread that was asking, and not the thread that would let go of it.
            self._asking, self._process = threading.Lock(), os.getpid()
        asking = self._asking
        if not asking.acquire(timeout=PATIENCE_SECONDS):
            raise self._still()
        try:
            if self.fallen:
                self._ping()
                self.fallen = False
        finally:
            asking.release()

    def _ping(self) -> None:
        try:
            link = self._connections.take()
        except DRIVER_ERRORS as error:
            raise unreached(error, self._name) from error
        try:
            link.send([b"*1\r\n$4\r\nPING\r\n"])
            answered = link.speaks_within(PING_SECONDS)
            if answered:
                link.answer()
        except BaseException as error:
            self._connections.drop(link)
            if isinstance(error, DRIVER_ERRORS):
                raise unreached(error, self._name) from error
            raise
        if not answered:
            self._connections.drop(link)
            raise self._still()
        self._connections.give_back(link)

    def _still(self) -> Unreached:
        return Unreached(f"{self._name} did not answer a moment ago: try again soon.")
