"""One request and its answer, as the client's pace goes: what moved, what was waited for, what came too late."""

import errno
import fcntl
import math
import select
import socket
import sys
import termios
import time
from typing import Any

from stash_site.server.deadline import Countdown, Limits, Pace
from stash_site.server.run_slots import RunSlots


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


_recv = socket.socket.recv
_recv_into = socket.socket.recv_into
_send = socket.socket.send
_NOT_NOW = (BlockingIOError, InterruptedError)
_PIECE_BYTES = 256 * 1024
_MORE = getattr(socket, "MSG_MORE", 0)


class DeadlineSocket(socket.socket):
    """Tries first, and else waits as its `exchange` allows. Non-blocking for good, whatever it is told."""

    exchange: Exchange

    @classmethod
    def over(cls, plain: socket.socket) -> "DeadlineSocket":
        """Takes over a connected socket."""
        family, kind, protocol = plain.family, plain.type, plain.proto
        sock = cls(family, kind, protocol, fileno=plain.detach())
        socket.socket.setblocking(sock, False)
        return sock

    def setblocking(self, flag: bool) -> None:
        """Does nothing: gunicorn switches back and forth around each request."""

    def settimeout(self, value: float | None) -> None:
        """Does nothing: the exchange decides."""

    def shutdown(self, how: int) -> None:
        """Ends one direction or both; what is read after it serves the farewell alone."""
        super().shutdown(how)
        self.exchange.begin_farewell()

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """Some bytes, or none at the end. Raises what Exchange.await_bytes does."""
        while True:
            try:
                data = _recv(self, bufsize, flags)
            except _NOT_NOW:
                self.exchange.await_bytes(self.fileno())
            except OSError:
                self.exchange.broken = True
                raise
            else:
                self.exchange.received += len(data)
                return data

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """As recv, into a buffer."""
        while True:
            try:
                count = _recv_into(self, buffer, nbytes, flags)
            except _NOT_NOW:
                self.exchange.await_bytes(self.fileno())
            except OSError:
                self.exchange.broken = True
                raise
            else:
                self.exchange.received += count
                return count

    def send(self, data: Any, flags: int = 0) -> int:
        """Writes some of the bytes; returns how many. Raises what Exchange.await_room does."""
        while True:
            try:
                count = _send(self, data, flags)
            except _NOT_NOW:
                self.exchange.await_room(self.fileno())
            except OSError:
                self.exchange.broken = True
                raise
            else:
                self.exchange.sent += count
                return count

    def sendall(self, data: Any, flags: int = 0, *, more: bool = False) -> None:
        """Writes all of the bytes; `more` follow right away, and may leave with them."""
        flags |= _MORE if more else 0
        count = self.send(data, flags)
        if count < len(data):
            with memoryview(data) as view:
                while count < len(view):
                    count += self.send(view[count:], flags)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Writes `count` bytes of a file from `offset`, or all; returns how many. The socket's own wants to block."""
        file.seek(offset)
        sent = 0
        while count is None or sent < count:
            piece = file.read(_PIECE_BYTES if count is None else min(_PIECE_BYTES, count - sent))
            if not piece:
                break
            self.sendall(piece)
            sent += len(piece)
        return sent
