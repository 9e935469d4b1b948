"""A record as the memory backend keeps it: pieces of bytes that nobody else can change."""

from stash_memory.law import Outcome
from stash_memory.records import Body, Record

# Each piece takes some 40 bytes beside its own, so a body in tiny ones would pass any bound on bytes.
SMALL_PIECE = 1024


class Kept:
    """`body` is the pieces, `size` their bytes, `due_ms` the place in the heap of expiries."""

    __slots__ = ("body", "due_ms", "expires_at_ms", "size", "version")

    def __init__(self, body: tuple[bytes, ...], size: int, version: str, expires_at_ms: int) -> None:
        self.body = body
        self.size = size
        self.version = version
        self.expires_at_ms = expires_at_ms
        self.due_ms = expires_at_ms

    def record(self, now_ms: int, outcome: Outcome) -> Record:
        """The answer at `now_ms`; its body is the very pieces that were put, if the outcome reads them."""
        body = self.body if outcome.reads else ()
        left_ms = self.expires_at_ms - now_ms
        return Record(body, self.size, self.version, self.expires_at_ms, left_ms, outcome.created)


def copied(body: Body) -> tuple[tuple[bytes, ...], int]:
    """The body's pieces, ours from here on, and their bytes together."""
    if len(body) == 1:
        piece = bytes(body[0])
        return (piece,), len(piece)
    pieces = tuple(map(bytes, body))
    size = sum(map(len, pieces))
    if len(pieces) > 1 and size < SMALL_PIECE * len(pieces):
        pieces = (b"".join(pieces),)
    return pieces, size
