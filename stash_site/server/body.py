"""A request's body as gunicorn reads it, and what its reading says about the connection."""

from typing import Any

from gunicorn.http.body import Body

from stash_site.server.exchange import DeadlineSocket
from stash_site.server.gunicorn_seam import take_over_continue, take_read_ahead

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# Up to so much of a body that the application left unread is read, to keep the connection; beyond it, it closes.
DRAIN_BYTES = 64 * 1024


class PlainBody(Body):
    """gunicorn's Body, which can be read straight into a buffer, too, until it is first read otherwise."""

    def readinto(self, buffer: memoryview) -> int:
        """As io.RawIOBase has it, but fills the buffer: fewer bytes came where the body ended too soon."""
        if isinstance(self.reader, BodyReader):
            return self.reader.readinto(buffer)
        return 0


class BodyReader:
    """Stands between gunicorn's Body and its reader of a length or of chunks.

    A client that waits for `100 Continue` gets it when the application first reads, so that a refusal comes
    before a byte of the body. Once reading has failed, the connection closes after the answer.
    """

    def __init__(self, request: Any, sock: DeadlineSocket, *, owes_continue: bool) -> None:
        self._request = request
        self._sock = sock
        self._reader = request.body.reader
        self._owes_continue = owes_continue
        self._failed = False

    def read(self, size: int) -> bytes:
        """As gunicorn's reader: up to `size` bytes, fewer or none at the end or when the client leaves early."""
        if self._owes_continue:
            self._owes_continue = False
            self._sock.send(CONTINUE)
            self._sock.exchange.sent = 0
        try:
            data: bytes = self._reader.read(size)
        except Exception:
            self._failed = True
            self._request.force_close()
            raise
        return data

    def readinto(self, buffer: memoryview) -> int:
        """Fills `buffer` from a plain request's body, as far as it goes, with no copy between; how many bytes came."""
        wanted = min(len(buffer), self._reader.length)
        unreader = self._request.unreader
        ahead = take_read_ahead(unreader)
        filled = min(len(ahead), wanted)
        buffer[:filled] = ahead[:filled]
        if len(ahead) > filled:
            unreader.unread(ahead[filled:])
        try:
            while filled < wanted and (count := self._sock.recv_into(buffer[filled:wanted])):
                filled += count
        except Exception:
            self._failed = True
            self._request.force_close()
            raise
        self._reader.length -= wanted
        return filled

    @property
    def left(self) -> int:
        """How many bytes, at least, the application has not read; for chunks of unknown number, 1."""
        length: int | None = getattr(self._reader, "length", None)
        if length is None:
            return 1 if self._reader.parser else 0
        return length

    @property
    def in_the_way(self) -> bool:
        """Whether, answered now, the connection has to close."""
        return self._failed or self._owes_continue or self.left > DRAIN_BYTES

    def answered(self) -> None:
        """The answer has begun: a `100 Continue` would come too late, and be taken for part of it."""
        self._owes_continue = False

    def drain(self) -> bool:
        """Reads the rest after an answer; whether the next request can follow on this connection."""
        if not self.left:
            return True
        self._sock.exchange.begin_drain()
        drained = 0
        try:
            while drained <= DRAIN_BYTES:
                data = self.read(8192)
                if not data:
                    return not self.left
                drained += len(data)
        except Exception:
            return False
        return False


def read_by(sock: DeadlineSocket, request: Any) -> BodyReader | None:
    """Begins the body's stage of the exchange; None for a request without a body."""
    body = None
    owes_continue = take_over_continue(request)
    if getattr(request.body.reader, "length", None) != 0:
        sock.exchange.begin_body()
        body = request.body.reader = BodyReader(request, sock, owes_continue=owes_continue)
    return body
