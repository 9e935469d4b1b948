"""What several verbs check against a user's limits."""

from stash_memory.errors import InvalidRequest
from stash_memory.limits import Limits
from stash_memory.payload import check_size, check_text
from stash_memory.records import Body


def check_ttl(ttl_ms: int | None, limits: Limits) -> None:
    """Raises InvalidRequest for a TTL over the maximum."""
    if ttl_ms is not None and ttl_ms > limits.max_ttl * 1000:
        raise InvalidRequest(f"ttl is over the maximum of {limits.max_ttl} seconds.", field="ttl")


def held(ms: int | None, limits: Limits) -> int | None:
    """A wish for a longer life, held to the maximum TTL."""
    return None if ms is None else min(ms, limits.max_ttl * 1000)


def check_data(body: Body, limits: Limits) -> None:
    """Raises PayloadTooLarge, or InvalidRequest for what is not JSON text that every client could read.

    `body` is one buffer of JSON text. Its syntax is its parser's business.
    """
    [data] = body
    check_size(len(data), limits.payload_bytes)
    check_text(data, "data")
