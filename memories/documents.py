"""What answers say of memories, as JSON objects."""

from typing import Any

from stash_memory.backends.base import Entry
from stash_memory.memory import StoredMemory
from stash_memory.times import iso, whole_seconds_left


def kept(memory: StoredMemory) -> dict[str, Any]:
    """The answer to stash and put."""
    return {"memory_id": memory.memory_id, "ttl": memory.ttl_remaining, "expires_at": memory.expires_at}


def updated(memory: StoredMemory) -> dict[str, Any]:
    """The answer to update."""
    return {
        "memory_id": memory.memory_id,
        "ttl_remaining": memory.ttl_remaining,
        "expires_at": memory.expires_at,
    }


def recalled(memory: StoredMemory) -> dict[str, Any]:
    """The answer to recall, but for `data`, its last member."""
    return {"memory_id": memory.memory_id, "ttl_remaining": memory.ttl_remaining}


def listed(entry: Entry) -> dict[str, Any]:
    """One line of a listing."""
    return {
        "memory_id": entry.id,
        "bytes": entry.size,
        "ttl_remaining": whole_seconds_left(entry.remaining_ms),
        "expires_at": iso(entry.expires_at_ms),
    }
