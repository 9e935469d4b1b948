"""One request and its response over a socket that never blocks while its thread holds a run slot."""

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
    """The head of a request was not complete in time."""


class SlowBody(TimeoutError):
    """The body of a request paused too long, or came too slowly."""


class Exchange:
    """Waits for one client. Each lends the thread's run slot to others, and ends at the limits."""

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
        """Read the request's body from now on."""
        self._reading = Pace(self._limits)
        self._late = SlowBody
        self.received = 0

    def begin_drain(self) -> None:
        """Read the rest of a small body after the response, for as long as a pause may last."""
        self._reading = Countdown(self._limits.idle, time.monotonic())

    def begin_farewell(self) -> None:
        """Discard what still comes, for a moment; nothing more is written."""
        self._reading = Countdown(self._limits.linger, time.monotonic())
        self._late = SlowBody
        self.slow_sender = False

    def await_bytes(self, descriptor: int) -> None:
        """Wait for bytes. Raises SlowHead or SlowBody; after the first timeout, every later call raises too."""
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
        """Wait until bytes can be written. Raises ConnectionResetError if the client reads too slowly.

        The kernel reports room only when a third of its buffer (up to 4 MB) is free, which takes a fair reader minutes.
        So the bytes that the client's side has acknowledged count as read.
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
        """Return how many bytes of the response the client has not read."""
        return unacknowledged(descriptor)

    def lags(self, descriptor: int, waited: float) -> bool:
        """Return whether the client, after `waited` more seconds, reads a fully written response too slowly."""
        if self._writing is None:
            self._writing = Pace(self._limits)
        self._writing.waited(waited)
        self._writing.moved(self.sent - unacknowledged(descriptor))
        return self._writing.allowance(time.monotonic()) <= 0

    def _sleep(self, descriptor: int, event: int, seconds: float, clock: Countdown | Pace) -> bool:
        """Wait for the event; return whether it came within so many seconds."""
        poller = select.poll()
        poller.register(descriptor, event)

        def wait() -> bool:
            # Measured here, since the client does not cause the wait for a run slot.
            started = time.monotonic()
            try:
                return bool(poller.poll(math.ceil(seconds * 1000)))
            finally:
                clock.waited(time.monotonic() - started)

        return self._slots.lend(wait)


def unacknowledged(descriptor: int) -> int:
    """Return how many written bytes the other side has not acknowledged; 0 if the system cannot tell (macOS)."""
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
    """A client's socket. It tries first, and then waits as its `exchange` allows. It stays non-blocking for good."""

    exchange: Exchange

    @classmethod
    def over(cls, plain: socket.socket) -> "DeadlineSocket":
        """Take over a connected socket."""
        family, kind, protocol = plain.family, plain.type, plain.proto
        sock = cls(family, kind, protocol, fileno=plain.detach())
        socket.socket.setblocking(sock, False)
        return sock

    def setblocking(self, flag: bool) -> None:
        """Do nothing: gunicorn switches back and forth around each request."""

    def settimeout(self, value: float | None) -> None:
        """Do nothing: the exchange decides."""

    def shutdown(self, how: int) -> None:
        """End one direction or both; later reads only serve the farewell."""
        super().shutdown(how)
        self.exchange.begin_farewell()

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """Return some bytes, or none at the end. Raises the errors of Exchange.await_bytes."""
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
        """Receive into a buffer; return how many bytes came."""
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
        """Write some of the bytes; return how many. Raises the errors of Exchange.await_room."""
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
        """Write all bytes. `more`: others follow at once, and may leave in the same packet."""
        flags |= _MORE if more else 0
        count = self.send(data, flags)
        if count < len(data):
            with memoryview(data) as view:
                while count < len(view):
                    count += self.send(view[count:], flags)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Write `count` bytes of a file from `offset`, or all; return how many. The standard one wants to block."""
        file.seek(offset)
        sent = 0
        while count is None or sent < count:
            piece = file.read(_PIECE_BYTES if count is None else min(_PIECE_BYTES, count - sent))
            if not piece:
                break
            self.sendall(piece)
            sent += len(piece)
        return sent
