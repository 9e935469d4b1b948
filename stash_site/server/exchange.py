"""One request and its answer, as the client's pace goes: what moved, what was waited for, what came too late."""

import errno
import fcntl
import math
import select
import sys
import termios
import time

from stash_site.server.deadline import Countdown, Limits, Pace
from stash_site.server.slots import RunSlots


class SlowHead(Exception):
    """A request's head was not complete in time."""


class SlowBody(TimeoutError):
    """A request's body paused too long, or came too slowly."""


class Exchange:
    """The waits of one exchange, each with the thread's run slot lent to others, and none longer than allowed."""

    def __init__(self, limits: Limits, slots: RunSlots) -> None:
        self._limits = limits
        self._slots = slots
        self._reading: Countdown | Pace = Countdown(limits.head, time.monotonic())
        self._writing: Pace | None = None
        self._late: type[Exception] = SlowHead
        self.received = 0
        self.sent = 0
        self.slow_sender = False
        self.slow_reader = False
        self.broken = False

    def begin_body(self) -> None:
        """From now on what is read is the request's body."""
        self._reading = Pace(self._limits)
        self._late = SlowBody
        self.received = 0

    def begin_drain(self) -> None:
        """The answer is given; from now on the rest of a small body is read, as long as a pause may last."""
        self._reading = Countdown(self._limits.idle, time.monotonic())

    def begin_farewell(self) -> None:
        """Nothing more is written; from now on what comes is thrown away, for a moment."""
        self._reading = Countdown(self._limits.linger, time.monotonic())
        self._late = SlowBody
        self.slow_sender = False

    def await_bytes(self, descriptor: int) -> None:
        """Returns when there is something to read; raises SlowHead, or SlowBody (ever again)."""
        self._reading.moved(self.received)
        allowance = self._reading.allowance(time.monotonic())
        if (
            self.slow_sender
            or allowance <= 0
            or not self._sleep(descriptor, select.POLLIN, allowance, self._reading)
        ):
            self.slow_sender = True
            raise self._late("The client sent too slowly.")

    def await_room(self, descriptor: int) -> None:
        """Returns when there is room to write; raises ConnectionResetError.

        The kernel reports room only when a third of its buffer (up to 4 MB) is free, which takes a fair reader
        minutes. So what counts as read is what the client's side has acknowledged, looked at a few times per pause.
        """
        if self._writing is None:
            self._writing = Pace(self._limits)
        step = self._limits.idle / 5
        while True:
            self._writing.moved(self.sent - unacknowledged(descriptor))
            allowance = self._writing.allowance(time.monotonic())
            if allowance <= 0:
                self.slow_reader = True
                raise ConnectionResetError(errno.ECONNRESET, "The client read too slowly.")
            if self._sleep(descriptor, select.POLLOUT, min(allowance, step), self._writing):
                return

    def unread(self, descriptor: int) -> int:
        """Bytes of the answer that the client has not read."""
        return unacknowledged(descriptor)

    def lags(self, descriptor: int, waited: float) -> bool:
        """Whether, after `waited` seconds more, the client reads too slowly an answer that is written whole."""
        if self._writing is None:
            self._writing = Pace(self._limits)
        self._writing.waited(waited)
        self._writing.moved(self.sent - unacknowledged(descriptor))
        return self._writing.allowance(time.monotonic()) <= 0

    def _sleep(self, descriptor: int, event: int, seconds: float, clock: Countdown | Pace) -> bool:
        """Whether the event came within so many seconds."""
        poller = select.poll()
        poller.register(descriptor, event)

        def wait() -> bool:
            # Measured here: the time until this thread has a slot again is not the client's.
            started = time.monotonic()
            try:
                return bool(poller.poll(math.ceil(seconds * 1000)))
            finally:
                clock.waited(time.monotonic() - started)

        return self._slots.lend(wait)


def unacknowledged(descriptor: int) -> int:
    """Bytes written that the other side has not acknowledged; 0 where the system does not say (macOS)."""
    try:
        return int.from_bytes(fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
    except OSError:
        return 0
