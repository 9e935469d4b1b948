"""Answers that are given and not yet read: the kernel holds them, and no thread waits."""

import contextlib
import socket
import time

from stash_site.server.connection import RESET, Connection
from stash_site.server.deadline import Limits
from stash_site.server.exchange import Exchange


class Owing:
    """Kept-alive connections whose clients have still to read an answer, held to the pace of slow readers.

    An answer of a few megabytes fits in the kernel's buffers, and its thread is free at once: without this, a
    client that reads a byte a second would hold them, and the connection, for as long as keep-alive lasts.
    """

    def __init__(self, limits: Limits) -> None:
        # The main loop asks after every event; over a real network most answers are on their way for a while.
        self._step = limits.idle / 5
        self._next = 0.0
        self._connections: dict[Connection, tuple[Exchange, float]] = {}

    def watch(self, conn: Connection) -> None:
        """An answer on `conn` is given; its client may not have read it."""
        exchange = conn.sock.exchange
        if exchange.unread(conn.sock.fileno()):
            self._connections[conn] = (exchange, time.monotonic())

    def overdue(self) -> list[Connection]:
        """The connections of clients that read too slowly; those that have read all are watched no longer."""
        now = time.monotonic()
        if now < self._next:
            return []
        self._next = now + self._step
        late = []
        for conn, (exchange, since) in list(self._connections.items()):
            descriptor = conn.sock.fileno()
            if descriptor < 0 or conn.sock.exchange is not exchange or not exchange.unread(descriptor):
                del self._connections[conn]
            elif exchange.lags(descriptor, now - since):
                del self._connections[conn]
                late.append(conn)
            else:
                self._connections[conn] = (exchange, now)
        return late

    @staticmethod
    def reset(conn: Connection) -> None:
        """Closes, and lets the kernel throw away what was not read."""
        with contextlib.suppress(OSError):
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        conn.close()
