"""A connection that answers one exchange at a time: the driver makes it, and is passed by where that is quicker."""

import contextlib
import socket
import struct
from collections.abc import Sequence
from typing import Any

import hiredis
from redis.connection import Connection, UnixDomainSocketConnection
from redis.exceptions import ConnectionError as DriverConnectionError
from redis.exceptions import InvalidResponse, ResponseError
from redis.exceptions import TimeoutError as DriverTimeout

# As much as one read takes: an answer of 300 bytes needs one, and one of 1 MB four.
_READ_BYTES = 256 * 1024


class Link:
    """The driver's connection, by its own methods: TLS, Sentinel, clusters."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def send(self, pieces: Sequence[bytes | memoryview]) -> None:
        """Writes commands, packed. Raises the driver's errors."""
        self.connection.send_packed_command(pieces)

    def answer(self) -> Any:
        """The next answer; a refusal is one too. Raises the driver's errors."""
        try:
            return self.connection.read_response(disable_decoding=True)
        except ResponseError as error:
            # Its traceback would keep these frames, and the bodies in them, until the next garbage collection.
            return error.with_traceback(None)

    def owes_nothing(self) -> bool:
        """Whether it is open, and has nothing to say. May raise the driver's errors."""
        return not self.connection.can_read()


class DirectLink(Link):
    """A plain socket, read and written with one system call each.

    The driver's sockets have a timeout in Python, which asks the kernel before each read and write whether it would
    wait; and so does the driver itself, of every connection that it takes. Here the kernel keeps the time.
    """

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._socket: socket.socket = connection._sock
        self._reader = hiredis.Reader(
            protocolError=InvalidResponse, replyError=connection._parser.parse_error
        )
        # (hiredis's stub knows of no other buffer than bytes.)
        self._buffer: Any = bytearray(_READ_BYTES)
        seconds = connection.socket_timeout
        if seconds is not None:
            limit = struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))
            for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                self._socket.setsockopt(socket.SOL_SOCKET, option, limit)
        self._socket.settimeout(None)

    def send(self, pieces: Sequence[bytes | memoryview]) -> None:
        """See Link."""
        try:
            sent = self._socket.sendmsg(pieces)
            for piece in pieces:
                if sent < len(piece):
                    self._socket.sendall(memoryview(piece)[sent:])
                sent = max(0, sent - len(piece))
        except BlockingIOError:
            raise DriverTimeout("Timeout writing to socket") from None

    def answer(self) -> Any:
        """See Link."""
        while (answer := self._reader.gets(False)) is False:
            try:
                count = self._socket.recv_into(self._buffer)
            except BlockingIOError:
                raise DriverTimeout("Timeout reading from socket") from None
            if not count:
                raise DriverConnectionError("Connection closed by server.")
            self._reader.feed(self._buffer, 0, count)
        if isinstance(answer, DriverConnectionError):
            # Such as that there are too many clients: the server hangs up.
            raise answer
        return answer

    def owes_nothing(self) -> bool:
        """See Link."""
        with contextlib.suppress(BlockingIOError):
            self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
            return False
        return True


def link_over(connection: Connection) -> Link:
    """The quickest way to speak over the connection."""
    plain = type(connection) in (Connection, UnixDomainSocketConnection)
    return DirectLink(connection) if plain and hasattr(connection, "_parser") else Link(connection)
