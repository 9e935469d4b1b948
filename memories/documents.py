"""The answers about several memories, as JSON objects. The OpenAPI document describes them from these types."""

from typing import Annotated, TypedDict

from msgspec import Meta

from stash_memory.operations.members import EXPIRY_PART, ID_PART, LEFT_PART
from stash_memory.operations.verb import Part
from stash_memory.records import Entry, Page
from stash_memory.times import iso, whole_seconds_left


def meta(part: Part) -> Meta:
    """The part's description and rules, for the OpenAPI document."""
    return Meta(description=part.description, extra_json_schema=dict(part.rules))


MemoryId = Annotated[str, meta(ID_PART)]
TtlRemaining = Annotated[int, meta(LEFT_PART)]
Instant = Annotated[str, meta(EXPIRY_PART)]
Size = Annotated[int, Meta(description="Bytes of JSON text in `data`.", extra_json_schema={"minimum": 1})]
Count = Annotated[int, Meta(extra_json_schema={"minimum": 0})]


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
