"""The body of a request, and whether the connection can serve another request after it."""

from typing import Any

from gunicorn.http.body import Body

from stash_site.server.exchange import DeadlineSocket
from stash_site.server.gunicorn_seam import take_over_continue, take_read_ahead

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# If the application leaves at most so much of a body unread, the server reads it and keeps the connection.
DRAIN_BYTES = 64 * 1024


class PlainBody(Body):
    """gunicorn's Body with `readinto`, which saves a stash of 1 MB 8 % of its time. Use it before any other read."""

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer, and return how many bytes came; fewer only if the body ended too soon."""
        if isinstance(self.reader, BodyReader):
            return self.reader.readinto(buffer)
        return 0


class BodyReader:
    """Stands between gunicorn's Body and its reader of a length or of chunks.

    A client that waits for `100 Continue` gets it at the application's first read, so that a refusal comes before any
    byte of the body. After a failed read the connection closes behind the response.
    """

    def __init__(self, request: Any, sock: DeadlineSocket, *, owes_continue: bool) -> None:
        self._request = request
        self._sock = sock
        self._reader = request.body.reader
        self._owes_continue = owes_continue
        self._failed = False

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes; fewer or none at the end, or if the client leaves early."""
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
        """Fill `buffer` from a plain request's body without a copy between; return how many bytes came."""
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
        """Return how many bytes, at least, the application has not read; 1 for chunks of unknown number."""
        length: int | None = getattr(self._reader, "length", None)
        if length is None:
            return 1 if self._reader.parser else 0
        return length

    @property
    def in_the_way(self) -> bool:
        """Return whether the connection has to close if the response begins now."""
        return self._failed or self._owes_continue or self.left > DRAIN_BYTES

    def note_response(self) -> None:
        """Note that the response has begun: the client would take a late `100 Continue` for part of it."""
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
    """Begin the exchange's stage for the body; None if the request has no body."""
    body = None
    owes_continue = take_over_continue(request)
    if getattr(request.body.reader, "length", None) != 0:
        sock.exchange.begin_body()
        body = request.body.reader = BodyReader(request, sock, owes_continue=owes_continue)
    return body
