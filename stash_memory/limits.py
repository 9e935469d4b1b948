"""What a user may do: the values that policy hands down to the store."""

from dataclasses import dataclass

from stash_memory.backends.base import Caps
from stash_memory.bucket import Spend
from stash_memory.errors import InvalidRequest

# What the server is built and tested to take in one memory: 500 MB.
MOST_PAYLOAD_BYTES = 524_288_000


@dataclass(frozen=True, slots=True)
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

    @property
    def caps(self) -> Caps | None:
        """The caps on live memories and bytes, or None where there are none."""
        if self.max_memories is None and self.max_bytes is None:
            return None
        return Caps(self.max_memories, self.max_bytes)

    def ttl_ms(self, ttl: object | None) -> int:
        """`ttl` seconds, or the default, in milliseconds. Raises InvalidRequest."""
        if ttl is None:
            return self.default_ttl * 1000
        seconds = whole_seconds(ttl, "ttl")
        if seconds > self.max_ttl:
            raise InvalidRequest(
                f"ttl is over the maximum of {self.max_ttl} seconds.",
                field="ttl",
            )
        return seconds * 1000

    def extension_ms(self, seconds: object, field: str) -> int:
        """`seconds` to add to a life, in milliseconds, held to the maximum TTL. Raises InvalidRequest."""
        return min(whole_seconds(seconds, field), self.max_ttl) * 1000


def whole_seconds(value: object, field: str) -> int:
    """`value` if it is an int of at least 1. Raises InvalidRequest."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidRequest(f"{field} must be a whole number of seconds, at least 1.", field=field)
    return value
