"""Reads an answer with a large value in it straight into that value's own memory (RESP2).

hiredis copies it into its buffer, which grows as it comes, and from there into Python's.
"""

import re
from collections.abc import Callable
from typing import Any

from redis.exceptions import InvalidResponse

# A value is large from here on, and it is the answer's first that counts: behind it nothing else is.
LARGE_BYTES = 64 * 1024
_SIZE = re.compile(rb"\$([0-9]{5,10})\r\n")
_FIRST_BYTES = 256
_LINE_BYTES = 4 * 1024


def has_large_value(begun: memoryview) -> bool:
    """Whether the answer that begins so has a large value right at its beginning."""
    size = _SIZE.search(begun[:_FIRST_BYTES])
    return size is not None and int(size[1]) >= LARGE_BYTES


class LargeAnswer:
    """The answer that `begun` is the beginning of; `receive` fills a buffer with what comes, and says how much."""

    def __init__(
        self, begun: memoryview, receive: Callable[[Any], int], error: Callable[[str], Exception]
    ) -> None:
        self.rest = begun
        self._receive = receive
        self._error = error

    def read(self) -> Any:
        """The whole answer; what came after it is in `rest`. Raises the driver's errors."""
        line = self._line()
        kind, what = line[:1], line[1:]
        if kind == b":":
            return int(what)
        if kind == b"$":
            return None if what == b"-1" else self._value(int(what))
        if kind == b"*":
            return None if what == b"-1" else [self.read() for _ in range(int(what))]
        if kind == b"+":
            return what
        if kind == b"-":
            return self._error(what.decode(errors="replace"))
        raise InvalidResponse("This is no answer of Redis's.")

    def _line(self) -> bytes:
        while (end := bytes(self.rest[:_LINE_BYTES]).find(b"\r\n")) < 0:
            room = memoryview(bytearray(_LINE_BYTES))
            self.rest = memoryview(bytes(self.rest) + room[: self._receive(room)])
        line = bytes(self.rest[:end])
        self.rest = self.rest[end + 2 :]
        return line

    def _value(self, size: int) -> bytearray:
        value = bytearray(size)
        filled = min(size, len(self.rest))
        with memoryview(value) as view:
            view[:filled] = self.rest[:filled]
            self.rest = self.rest[filled:]
            while filled < size:
                filled += self._receive(view[filled:])
        self._line()
        return value
