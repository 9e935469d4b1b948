"""Bodies of the walk: told by a letter and a size, so that the model keeps no bytes."""

from collections.abc import Iterable
from typing import NamedTuple

from stash_memory.records import Buffer

PIECES = 3


class Body(NamedTuple):
    """`size` bytes, all of them the same letter: a mixture of two values is seen."""

    letter: int
    size: int

    @property
    def data(self) -> bytes:
        return bytes([self.letter]) * self.size

    @property
    def buffers(self) -> list[Buffer]:
        """The data as a backend is given it: in pieces of all three kinds."""
        step = self.size // PIECES
        data = self.data
        return [data[:step], bytearray(data[step : 2 * step]), memoryview(data)[2 * step :]]

    def is_in(self, buffers: Iterable[Buffer]) -> bool:
        """Whether the buffers are this body, byte for byte."""
        return b"".join(buffers) == self.data
