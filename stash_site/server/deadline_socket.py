"""A client's socket, which never blocks while its thread holds a run slot."""

import socket
from typing import Any

from stash_site.server.exchange import Exchange

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
