"""What a user may do: the values that policy hands down to the store."""

from dataclasses import dataclass
from functools import cached_property

from stash_memory.bucket import Spend
from stash_memory.errors import InvalidRequest
from stash_memory.payload import check_size, check_text
from stash_memory.records import Body, Bounds, Caps

# What the server is built and tested to take in one memory: 500 MB.
MOST_PAYLOAD_BYTES = 524_288_000


@dataclass(frozen=True)
class Limits:
    """The limits of one user. Sizes in bytes, TTLs in seconds; None is no limit.

    `requests_per_minute` and `burst` describe the token bucket, `max_memories` and `max_bytes` the caps.
    """

    payload_bytes: int
    default_ttl: int
    max_ttl: int
    requests_per_minute: int | None = None
    burst: int | None = None
    max_memories: int | None = None
    max_bytes: int | None = None

    def spend(self, cost: int = 1) -> Spend | None:
        """A fresh request's claim on the token bucket, or None where the rate is not limited."""
        if self.requests_per_minute is None:
            return None
        return Spend(self.requests_per_minute / 60, self.burst or 1, cost)

    def check_ttl(self, ttl_ms: int | None) -> None:
        """Raises InvalidRequest for a TTL over the maximum."""
        if ttl_ms is not None and ttl_ms > self.max_ttl * 1000:
            raise InvalidRequest(f"ttl is over the maximum of {self.max_ttl} seconds.", field="ttl")

    def hold(self, ms: int | None) -> int | None:
        """A wish for a longer life, held to the maximum TTL."""
        return None if ms is None else min(ms, self.max_ttl * 1000)

    def check_data(self, body: Body) -> None:
        """Raises PayloadTooLarge, or InvalidRequest for JSON text that some clients could not read.

        `body` is one buffer of JSON text. Its syntax is its parser's business.
        """
        [data] = body
        check_size(len(data), self.payload_bytes)
        check_text(data, "data")

    @cached_property
    def bounds(self) -> Bounds:
        """What every write of the user is held to."""
        return Bounds(self.default_ttl * 1000, self.max_ttl * 1000, self.caps)

    @property
    def caps(self) -> Caps | None:
        """The caps on live memories and bytes, or None where there are none."""
        if self.max_memories is None and self.max_bytes is None:
            return None
        return Caps(self.max_memories, self.max_bytes)


# For work of the service's own, which no user's limits hold.
UNLIMITED = Limits(MOST_PAYLOAD_BYTES, 1, 1)


def whole_seconds(value: object, field: str) -> int:
    """`value` if it is an int of at least 1. Raises InvalidRequest."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidRequest(f"{field} must be a whole number of seconds, at least 1.", field=field)
    return value
