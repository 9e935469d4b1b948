"""A wire to a real server that passes on what the server says as it is told to: in pieces, late, or not to the end."""

import contextlib
import itertools
import re
import socket
import struct
import threading
import time
from collections.abc import Iterable
from typing import Literal, NamedTuple

PIECE_BYTES = 256 * 1024
# In Redis's protocol, or what looks like it.
LARGE = re.compile(rb"(?=\$[0-9]{5,10}\r\n)")


class Manner(NamedTuple):
    """How a connection behaves: answers come in `pieces` of these sizes, over and over, each after a `pause`.

    With `apart`, a large value begins a piece of its own.
    After `asks` bytes of requests or `answers` bytes of answers it ends; "silence" is an end that nobody is told of.
    """

    pieces: tuple[int, ...] = (PIECE_BYTES,)
    pause: float = 0
    apart: bool = False
    asks: int | None = None
    answers: int | None = None
    end: Literal["close", "reset", "silence"] = "close"


class RoughWire:
    """A port that leads to the server at `port`. Connections behave as `manners` has it, one by one; then well."""

    def __init__(self, port: int, manners: Iterable[Manner] = ()) -> None:
        self._server = ("127.0.0.1", port)
        self._manners = itertools.chain(manners, itertools.repeat(Manner()))
        self._passages: list[_Passage] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "RoughWire":
        return self

    def __exit__(self, *_: object) -> None:
        """Listens no more, and ends all connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.break_off()

    def break_off(self) -> None:
        """Ends all connections."""
        for passage in self._passages:
            passage.end()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self._passages.append(_Passage(client, server, next(self._manners)))


class _Passage:
    """One connection: a thread for each direction, which closes the socket that it reads."""

    def __init__(self, client: socket.socket, server: socket.socket, manner: Manner) -> None:
        self._client, self._server, self._manner = client, server, manner
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if manner.end == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        asks = Manner(answers=manner.asks)
        for source, target, how in ((client, server, asks), (server, client, manner)):
            threading.Thread(target=self._pass, args=(source, target, how), daemon=True).start()

    def end(self) -> None:
        """Ends it as it is to end."""
        # After a FIN there would be no reset.
        how = socket.SHUT_RD if self._manner.end == "reset" else socket.SHUT_RDWR
        for end in (self._client, self._server):
            with contextlib.suppress(OSError):
                end.shutdown(how if end is self._client else socket.SHUT_RDWR)

    def _pass(self, source: socket.socket, target: socket.socket, manner: Manner) -> None:
        left = manner.answers
        sizes = itertools.cycle(manner.pieces)
        with contextlib.suppress(OSError):
            while left != 0 and (piece := source.recv(min(next(sizes), left or PIECE_BYTES))):
                for part in LARGE.split(piece, 8) if manner.apart else [piece]:
                    if manner.pause:
                        time.sleep(manner.pause)
                    target.sendall(part)
                left = left and left - len(piece)
            if left == 0 and self._manner.end == "silence":
                while source.recv(PIECE_BYTES):
                    pass
        self.end()
        source.close()
