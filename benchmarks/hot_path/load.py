"""The load generator: keep-alive connections in one thread, each with one request under way.

In Python, so that it needs nothing installed. It has a core of its own, and figures are per second of the
*server's* processor time, so its own speed does not enter them as long as the server has work.
"""

import gc
import re
import select
import socket
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import NamedTuple

from benchmarks.hot_path.call import Call, WrongAnswer

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
PIECE_BYTES = 256 * 1024
# `ttl_remaining` or a rate limit may have a digit less than in the first answer.
LENGTH_MAY_VARY_BY = 8
STALLED_SECONDS = 20


class Load(NamedTuple):
    """What came of it: answers, the wall seconds they took, and each one's latency in seconds."""

    answers: int
    seconds: float
    latencies: list[float]


class Channel:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.unsent: memoryview | None = None
        self.head = b""
        self.missing = 0
        self.kept: list[bytes] | None = []
        self.body_length: int | None = None
        self.began = 0.0

    def send(self, call: Call) -> bool:
        """Begins a request; whether all of it is on its way."""
        self.call = call
        self.began = time.perf_counter()
        self.unsent = memoryview(call.request)
        return self.flush()

    def flush(self) -> bool:
        """Sends what can be sent; whether nothing is left."""
        assert self.unsent is not None
        try:
            while self.unsent:
                self.unsent = self.unsent[self.socket.send(self.unsent) :]
        except BlockingIOError:
            return False
        self.unsent = None
        return True

    def receive(self) -> bool:
        """Takes what has come; whether the answer is whole. Raises WrongAnswer."""
        data = self.socket.recv(PIECE_BYTES)
        if not data:
            raise WrongAnswer("the connection was closed")
        if not self.missing:
            data = self.begin(data)
            if data is None:
                return False
        self.missing -= len(data)
        if self.kept is not None:
            self.kept.append(data)
        if self.missing > 0:
            return False
        if self.kept is not None:
            self.look()
        return True

    def begin(self, data: bytes) -> bytes | None:
        """Reads the head; returns what follows it, or None where more of the head has to come."""
        self.head += data
        end = self.head.find(b"\r\n\r\n")
        if end < 0:
            return None
        head, rest = self.head[:end], self.head[end + 4 :]
        self.head = b""
        length = LENGTH.search(head)
        if int(head[9:12]) != self.call.status or length is None:
            raise WrongAnswer((head + b"\r\n\r\n" + rest[:200]).decode(errors="replace"))
        self.missing = int(length[1])
        if self.body_length is None:
            self.body_length = self.missing
        elif abs(self.missing - self.body_length) > LENGTH_MAY_VARY_BY:
            raise WrongAnswer(f"{self.missing} bytes, where the first answer had {self.body_length}")
        return rest

    def look(self) -> None:
        """Judges the first body. Raises WrongAnswer."""
        assert self.kept is not None
        body, self.kept = b"".join(self.kept), None
        if not self.call.is_right(body):
            raise WrongAnswer(body[:300].decode(errors="replace"))


class Generator:
    """So many connections to one server, each asking again as soon as it is answered."""

    def __init__(self, port: int, calls: Sequence[Call], connections: int) -> None:
        self._channels = {}
        self._poll = select.epoll()
        self._calls: Iterator[Call] = cycle(calls)
        for _ in range(connections):
            channel = Channel(port)
            self._channels[channel.socket.fileno()] = channel
            self._poll.register(channel.socket, select.EPOLLIN)

    def run(self, seconds: float, most: int) -> Load:
        """Begins requests for so many seconds, or until there were `most`; ends when all are answered.

        Nothing is under way before or after it, so that the server's processor time belongs to the answers.
        Raises WrongAnswer.
        """
        latencies: list[float] = []
        begun = 0
        gc.collect()
        gc.disable()
        try:
            started = time.perf_counter()
            for channel in self._channels.values():
                self._send(channel)
                begun += 1
            while len(latencies) < begun:
                events = self._poll.poll(STALLED_SECONDS)
                if not events:
                    raise WrongAnswer(f"no answer for {STALLED_SECONDS} seconds")
                for descriptor, event in events:
                    channel = self._channels[descriptor]
                    if channel.unsent is not None and event & select.EPOLLOUT and channel.flush():
                        self._poll.modify(descriptor, select.EPOLLIN)
                    if event & ~select.EPOLLOUT and channel.receive():
                        now = time.perf_counter()
                        latencies.append(now - channel.began)
                        if now - started < seconds and begun < most:
                            self._send(channel)
                            begun += 1
            return Load(len(latencies), time.perf_counter() - started, latencies)
        finally:
            gc.enable()

    def close(self) -> None:
        """Closes the connections."""
        for channel in self._channels.values():
            channel.socket.close()
        self._poll.close()

    def _send(self, channel: Channel) -> None:
        if not channel.send(next(self._calls)):
            self._poll.modify(channel.socket, select.EPOLLIN | select.EPOLLOUT)
