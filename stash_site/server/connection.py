"""A client's connection, from its first byte to a farewell that lets the client read the answer."""

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
# Linger for 0 s: closing resets the connection, and the kernel keeps nothing of what was not read.
RESET = struct.pack("ii", 1, 0)


class Parser:
    """gunicorn's parser, which sees no plain request.

    Its word on a head that broke off does not repeat that: gunicorn logs it, key and all.
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
        """Whether the last request has been read to its end; what is left of it is passed over."""
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
        # Whether more of a request may be under way.
        self.expecting = True
        # Whether it has waited for a request before.
        self.watched = False
        # Until when it waits for one, and since when for its client to read an answer (monotonic seconds).
        self.timeout = self.answered = 0.0
        # A thread never waits for a new connection's first byte: the poller does.
        self.data_ready = True

    def init(self) -> None:
        """Makes the parser, once."""
        if not self.initialized:
            super().init()
            self.parser = Parser(self.parser)

    def begin(self, exchange: Exchange) -> None:
        """A request is to be read."""
        self.sock.exchange = exchange
        self.expecting = True

    def asks(self) -> bool:
        """Whether a request has come, if only in part: read along with the last one, or still the kernel's."""
        return (self.initialized and has_read_ahead(self.parser.unreader)) or self.has_bytes()

    def has_bytes(self) -> bool:
        """Whether a read would return at once."""
        try:
            socket.socket.recv(self.sock, 1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError:
            return True
        return True

    def part(self) -> None:
        """Closes. Where more of a request may come, what comes is thrown away for a moment (RFC 9112, 9.6):
        closing on unread bytes resets the connection, and the client would lose the answer."""
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
        """Closes at once: gunicorn would linger in its main loop."""
        with contextlib.suppress(OSError):
            self.sock.close()
