"""A record as the memory backend keeps it."""

from stash_memory.backends.base import Record


class Kept:
    """`body` is the pieces, `size` their bytes, `due_ms` the place in the heap of expiries."""

    __slots__ = ("body", "due_ms", "expires_at_ms", "size", "version")

    def __init__(self, body: tuple[bytes, ...], size: int, version: str, expires_at_ms: int) -> None:
        self.body = body
        self.size = size
        self.version = version
        self.expires_at_ms = expires_at_ms
        self.due_ms = expires_at_ms

    def record(self, now_ms: int, body: tuple[bytes, ...]) -> Record:
        """The answer at `now_ms`, with `body` for a body."""
        return Record(body, self.size, self.version, self.expires_at_ms, self.expires_at_ms - now_ms)
