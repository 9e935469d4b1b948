"""Bodies as they are kept: pieces of bytes that nobody else can change."""

from collections.abc import Sequence

from stash_memory.backends.base import Buffer

# Each piece takes some 40 bytes beside its own, so a body in tiny ones would pass any bound on bytes.
SMALL_PIECE = 1024


def copied(body: Sequence[Buffer]) -> tuple[tuple[bytes, ...], int]:
    """The body's pieces, ours from here on, and their bytes together."""
    if len(body) == 1:
        piece = bytes(body[0])
        return (piece,), len(piece)
    pieces = tuple(map(bytes, body))
    size = sum(map(len, pieces))
    if len(pieces) > 1 and size < SMALL_PIECE * len(pieces):
        pieces = (b"".join(pieces),)
    return pieces, size
