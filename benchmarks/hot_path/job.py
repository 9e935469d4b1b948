"""What is asked of the contestants."""

from typing import NamedTuple

from benchmarks.hot_path.payloads import KB

BATCH = 100
# A window of posts may put so much into Redis; then it ends early.
MOST_BYTES = 512 * KB * KB


class Job(NamedTuple):
    """`verb` is GET (a recall), POST (a stash) or BATCH (100 recalls in one request), of `size` bytes of data."""

    verb: str
    size: int

    @property
    def name(self) -> str:
        """As the tables have it."""
        size = {300: "300 B", 10 * KB: "10 KB", KB * KB: "1 MB"}[self.size]
        return f"{self.verb} {size}"

    @property
    def items(self) -> int:
        """Memories in one request."""
        return BATCH if self.verb == "BATCH" else 1

    @property
    def most(self) -> int:
        """Requests in one window."""
        return MOST_BYTES // self.size if self.verb == "POST" else 1_000_000


SIZES = (300, 10 * KB, KB * KB)
GET_300, POST_300 = Job("GET", 300), Job("POST", 300)
BATCH_300 = Job("BATCH", 300)
SINGLES = tuple(Job(verb, size) for size in SIZES for verb in ("GET", "POST"))
