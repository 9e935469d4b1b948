"""What answers say of memories, as JSON objects. The schema describes them from these types."""

from typing import Any, TypedDict

from memories.terms import Count, Instant, MemoryId, Size, TtlRemaining
from stash_memory.backends.base import Entry, Page
from stash_memory.memory import StoredMemory
from stash_memory.times import iso, whole_seconds_left


class Kept(TypedDict):
    """A memory as it was just kept."""

    memory_id: MemoryId
    ttl: TtlRemaining
    expires_at: Instant


class Updated(TypedDict):
    """A memory as it is after an update."""

    memory_id: MemoryId
    ttl_remaining: TtlRemaining
    expires_at: Instant


class RecalledHead(TypedDict):
    """A memory that was recalled, but for `data`, its last member."""

    memory_id: MemoryId
    ttl_remaining: TtlRemaining


class Recalled(RecalledHead):
    """A memory with its data, byte for byte as it was stashed."""

    data: Any


class Listed(TypedDict):
    """A memory in a listing, without its data."""

    memory_id: MemoryId
    bytes: Size
    ttl_remaining: TtlRemaining
    expires_at: Instant


class ListingPage(TypedDict):
    """One page of a listing; `cursor` asks for the next one, and is null on the last."""

    memories: list[Listed]
    cursor: str | None


class Forgotten(TypedDict):
    """How many live memories were forgotten."""

    forgotten: Count


def kept(memory: StoredMemory) -> Kept:
    """The answer to stash and put."""
    return {"memory_id": memory.memory_id, "ttl": memory.ttl_remaining, "expires_at": memory.expires_at}


def updated(memory: StoredMemory) -> Updated:
    """The answer to update."""
    return {
        "memory_id": memory.memory_id,
        "ttl_remaining": memory.ttl_remaining,
        "expires_at": memory.expires_at,
    }


def recalled(memory: StoredMemory) -> RecalledHead:
    """The answer to recall, but for its last member."""
    return {"memory_id": memory.memory_id, "ttl_remaining": memory.ttl_remaining}


def listed(entry: Entry) -> Listed:
    """One line of a listing."""
    return {
        "memory_id": entry.id,
        "bytes": entry.size,
        "ttl_remaining": whole_seconds_left(entry.remaining_ms),
        "expires_at": iso(entry.expires_at_ms),
    }


def listing_page(page: Page) -> ListingPage:
    """The answer to list."""
    return {"memories": [listed(entry) for entry in page.entries], "cursor": page.cursor}


def forgotten(memories: int) -> Forgotten:
    """The answer to forget by prefix."""
    return {"forgotten": memories}
