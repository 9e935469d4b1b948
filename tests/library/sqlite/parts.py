"""A large body whose writing a test can interrupt."""

from collections.abc import Callable, Iterator, Sequence
from typing import overload

from stash_memory.backends import body as bodies

CHUNKS = 12


class Parts(Sequence[bytes]):
    """A body of chunks, which does something before it gives each to who writes them.

    Who reads it first measures it.
    """

    def __init__(self, before: Callable[[int], object]) -> None:
        self.before = before
        self.measured = False

    def __len__(self) -> int:
        return CHUNKS

    @overload
    def __getitem__(self, number: int) -> bytes: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[bytes]: ...
    def __getitem__(self, number: int | slice) -> bytes | Sequence[bytes]:
        raise NotImplementedError

    def __iter__(self) -> Iterator[bytes]:
        writing, self.measured = self.measured, True
        for number in range(CHUNKS):
            if writing:
                self.before(number)
            yield b"x" * bodies.CHUNK_BYTES
