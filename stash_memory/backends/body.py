"""Bodies on their way into a store: in one piece up to 1 MB, beyond it in chunks of 256 KB.

A 100 MB value in one piece stalls every other client; a chunk for well under a millisecond.
"""

from collections.abc import Iterator, Sequence

from stash_memory.records import Buffer

INLINE_BYTES = 1 << 20
CHUNK_BYTES = 256 << 10


def flat(part: Buffer) -> memoryview:
    """The buffer as bytes in a row, without a copy where they are."""
    view = memoryview(part)
    return view.cast("B") if view.c_contiguous else memoryview(view.tobytes())


def cut(body: Sequence[Buffer]) -> Iterator[Buffer]:
    """The buffers' bytes again, in chunks of 256 KB; the last may be shorter."""
    chunk = bytearray()
    for part in body:
        view = flat(part)
        while len(view):
            if not chunk and len(view) >= CHUNK_BYTES:
                yield view[:CHUNK_BYTES]
                view = view[CHUNK_BYTES:]
                continue
            room = CHUNK_BYTES - len(chunk)
            chunk += view[:room]
            view = view[room:]
            if len(chunk) == CHUNK_BYTES:
                yield chunk
                chunk = bytearray()
    if chunk:
        yield chunk
