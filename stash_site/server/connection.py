"""A client's connection, from its first byte to a close that lets the client read the response."""

import contextlib
import socket
import struct
from typing import Any

from gunicorn.http.errors import NoMoreData
from gunicorn.workers.gthread import TConn

from stash_site.server.deadline import LINGER_BYTES
from stash_site.server.exchange import DeadlineSocket, Exchange
from stash_site.server.gunicorn_seam import has_read_ahead
from stash_site.server.plain_requests import connection_environ, plain_request

PIECE_BYTES = 256 * 1024
# Linger for 0 s: a close resets the connection, and the kernel discards the unread bytes.
RESET = struct.pack("ii", 1, 0)


class Parser:
    """gunicorn's parser for all heads except plain ones.

    Its error about an incomplete head repeats none of it: gunicorn would log the head, key and all.
    """

    def __init__(self, parser: Any) -> None:
        self._parser = parser
        self.unreader = parser.unreader

    def __next__(self) -> Any:
        parser = self._parser
        if self.finish_body() and not (parser.mesg and parser.mesg.should_close()):
            data = self.unreader.read()
            request = plain_request(parser, data)
            if request is not None:
                parser.req_count += 1
                parser.mesg = request
                return request
            self.unreader.unread(data)
        try:
            return next(parser)
        except NoMoreData:
            raise NoMoreData from None

    def finish_body(self, **how: Any) -> bool:
        """Skip what is left of the last request; return whether it is read to its end."""
        last = self._parser.mesg
        if last is None or getattr(last.body.reader, "length", None) == 0:
            return True
        return bool(self._parser.finish_body(**how))


class Connection(TConn):
    """gunicorn's connection over a DeadlineSocket."""

    sock: DeadlineSocket
    parser: Any

    def __init__(self, cfg: Any, sock: DeadlineSocket, client: Any, server: Any) -> None:
        super().__init__(cfg, sock, client, server)
        self.environ = connection_environ(cfg, sock, client, server)
        # More of a request may be under way.
        self.expecting = True
        # It has waited for a request before.
        self.watched = False
        # Until when it waits for a request, and since when for its client to read a response (monotonic seconds).
        self.timeout = self.answered = 0.0
        # The poller, and never a thread, waits for the first byte.
        self.data_ready = True

    def init(self) -> None:
        """Make the parser, once."""
        if not self.initialized:
            super().init()
            self.parser = Parser(self.parser)

    def begin(self, exchange: Exchange) -> None:
        """Expect a request."""
        self.sock.exchange = exchange
        self.expecting = True

    def has_request(self) -> bool:
        """Return whether at least a part of a request has arrived, in memory or in the kernel."""
        return (self.initialized and has_read_ahead(self.parser.unreader)) or self.has_bytes()

    def has_bytes(self) -> bool:
        """Return whether a read would return at once."""
        try:
            socket.socket.recv(self.sock, 1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True
        return True

    def close_gently(self) -> None:
        """Close. If more of a request may come, discard it for a moment first (RFC 9112, section 9.6).

        Closing on unread bytes resets the connection, and the client would lose the response.
        """
        exchange = self.sock.exchange
        with contextlib.suppress(OSError):
            if exchange.slow_reader:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            elif not exchange.broken and (self.expecting or self.has_bytes()):
                self.sock.shutdown(socket.SHUT_WR)
                self._discard()
        self.close()

    def _discard(self) -> None:
        left = LINGER_BYTES
        while left > 0 and (data := self.sock.recv(PIECE_BYTES)):
            left -= len(data)

    def close(self, graceful: bool = False) -> None:
        """Close at once: gunicorn would linger in its main loop."""
        with contextlib.suppress(OSError):
            self.sock.close()
