"""Answers that are given and not yet read: the kernel holds them, and no thread waits."""

import contextlib
import socket
from collections.abc import Iterable

from stash_site.server.connection import RESET, Connection
from stash_site.server.deadline import Limits
from stash_site.server.exchange import Exchange


class Owing:
    """Waiting connections whose clients have still to read an answer, held to the pace of slow readers.

    An answer of a few megabytes fits in the kernel's buffers, and its thread is free at once: without this, a
    client that reads a byte a second would hold them, and the connection, for as long as keep-alive lasts. (Asked at
    each answer, and not a few times per pause of all who wait, this cost a small request 1 %.)
    """

    def __init__(self, limits: Limits) -> None:
        self.step = limits.idle / 5
        self._next = 0.0
        self._looked_at: dict[Connection, tuple[Exchange, float]] = {}

    def overdue(self, waiting: Iterable[Connection], now: float) -> list[Connection]:
        """Of these, the connections of clients that read too slowly; looks at most once a step."""
        if now < self._next:
            return []
        self._next = now + self.step
        before, self._looked_at = self._looked_at, {}
        late = []
        for conn in waiting:
            exchange, descriptor = conn.sock.exchange, conn.sock.fileno()
            if descriptor < 0 or not exchange.unread(descriptor):
                continue
            known, since = before.get(conn, (None, 0.0))
            if exchange.lags(descriptor, now - (since if known is exchange else conn.answered)):
                late.append(conn)
            else:
                self._looked_at[conn] = (exchange, now)
        return late

    @staticmethod
    def reset(conn: Connection) -> None:
        """Closes, and lets the kernel throw away what was not read."""
        with contextlib.suppress(OSError):
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        conn.close()
