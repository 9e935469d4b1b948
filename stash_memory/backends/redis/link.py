"""A connection that answers one exchange at a time: the driver makes it, and is passed by where that is quicker."""

import re
import select
import socket
import struct
from collections.abc import Iterator, Sequence
from typing import Any

import hiredis
from redis.connection import Connection, DefaultParser
from redis.exceptions import ConnectionError as DriverConnectionError
from redis.exceptions import InvalidResponse, ResponseError
from redis.exceptions import TimeoutError as DriverTimeout

READ_BYTES = 64 * 1024
_SIZE = re.compile(rb"\$([0-9]{5,10})\r\n")
# Made once: putting the two together takes as long as asking the kernel.
_PEEK = int(socket.MSG_PEEK | socket.MSG_DONTWAIT)


class Pieces(tuple[bytes, ...]):
    """A large value in the pieces that it came in: to put them together is a copy."""

    __slots__ = ()


def pieces(value: bytes | Pieces) -> tuple[bytes, ...]:
    """A value's bytes, in whichever way they came."""
    return value if isinstance(value, Pieces) else (value,)


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

    def speaks_within(self, seconds: float) -> bool:
        """Waits for an answer to come, or for the end. May raise the driver's errors."""
        return self.connection.can_read(seconds)


class DirectLink(Link):
    """A plain socket, read and written with one system call each.

    The driver's sockets have a timeout in Python, which asks the kernel before each read and write whether it would
    wait; and so does the driver itself, of every connection that it takes. Here the kernel keeps the time.
    """

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._socket: socket.socket = connection._sock
        self._reader = hiredis.Reader(protocolError=InvalidResponse, replyError=DefaultParser.parse_error)
        # Whether the reader has begun an answer: one of which it has used up all that came leaves no data in it.
        self._midway = False
        # (hiredis's stub knows of no other buffer than bytes.)
        self._buffer: Any = bytearray(READ_BYTES)
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
            count = self._receive(self._buffer)
            # Never beyond `count`: what an earlier answer left there may go on where this one is cut.
            size = None if self._midway else _SIZE.match(self._buffer, 0, count)
            if size is not None and int(size[1]) >= READ_BYTES:
                return self._large(int(size[1]), memoryview(self._buffer)[size.end() : count])
            self._reader.feed(self._buffer, 0, count)
            self._midway = True
        self._midway = self._reader.has_data()
        if isinstance(answer, DriverConnectionError):
            # Such as that there are too many clients: the server hangs up.
            raise answer
        return answer

    def _large(self, size: int, begun: memoryview) -> Pieces:
        """The value that an answer consists of, read into its own place: hiredis copies it into its buffer first.

        It is longer than what one read takes, so all that came is its own, and nothing is left over.
        """
        found = [bytes(begun), *self._all(size - len(begun))]
        if b"".join(self._all(2)) != b"\r\n":
            raise InvalidResponse("A value does not end where it should.")
        return Pieces(found)

    def _all(self, size: int) -> Iterator[bytes]:
        while size:
            piece = self._receive_all(size)
            size -= len(piece)
            yield piece

    def _receive_all(self, size: int) -> bytes:
        """So many bytes, in memory that nobody has filled with zeros before; fewer where time runs out meanwhile."""
        try:
            data = self._socket.recv(size, socket.MSG_WAITALL)
        except BlockingIOError:
            raise DriverTimeout("Timeout reading from socket") from None
        if not data:
            raise DriverConnectionError("Connection closed by server.")
        return data

    def _receive(self, buffer: Any) -> int:
        try:
            count = self._socket.recv_into(buffer)
        except BlockingIOError:
            raise DriverTimeout("Timeout reading from socket") from None
        if not count:
            raise DriverConnectionError("Connection closed by server.")
        return count

    def owes_nothing(self) -> bool:
        """See Link."""
        if self._midway:
            return False
        try:
            self._socket.recv(1, _PEEK)
        except BlockingIOError:
            return True
        return False

    def speaks_within(self, seconds: float) -> bool:
        """See Link."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
