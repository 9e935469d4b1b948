"""Stash: keep data under an id that the store makes."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from stash_memory.errors import ContentLengthMismatch, PayloadTooLarge, QuotaExceeded, ScopeDenied
from stash_memory.ids import check_id, new_ids
from stash_memory.limits import Limits
from stash_memory.operations.members import EXPIRY_PART, ID_PART, NEEDED_DATA, TTL, TTL_PART
from stash_memory.operations.put import Put
from stash_memory.operations.verb import Good, Verb
from stash_memory.records import Body


class _StashFields(NamedTuple):
    body: Body
    ttl_ms: int | None = None
    prefix: str = ""


class Stash(_StashFields):
    """Keeps the JSON text `body` for `ttl_ms`, or the default TTL, under a new id that begins with `prefix`."""

    __slots__ = ()

    verb = Verb(
        name="stash",
        method="POST",
        route="stash",
        event="stash_created",
        tally="stashes",
        members=(NEEDED_DATA, TTL),
        answer=(ID_PART, TTL_PART, EXPIRY_PART),
        shape="Kept",
        body="StashFields",
        summary="Stash a value",
        description=(
            "Keeps `data` until its TTL runs out, under an id that is made here. A key with a prefix makes ids that "
            "begin with it. Never sent twice by itself: if an answer got lost, PUT is the safe form."
        ),
        examples={
            "for ten minutes": {"data": {"task": "summarize", "progress": 0.5}, "ttl": 600},
            "for the default TTL": {"data": [1, 2.50, None]},
        },
        good={
            201: Good(
                "Kept.",
                {"kept": {"memory_id": "xK9mP2nQ", "ttl": 600, "expires_at": "2026-01-15T11:30:00Z"}},
            )
        },
        errors=(ScopeDenied, QuotaExceeded, ContentLengthMismatch, PayloadTooLarge),
    )
    writes = True
    repeatable = False

    def check(self) -> None:
        """Raises InvalidRequest for a prefix that no id can begin with."""
        if self.prefix:
            check_id(f"{self.prefix}x")

    def bound(self, limits: Limits) -> "Stash":
        """The operation, once it fits the limits. Raises InvalidRequest, PayloadTooLarge."""
        limits.check_ttl(self.ttl_ms)
        limits.check_data(self.body)
        return self

    def puts(self, limits: Limits) -> Iterator[Put]:
        """A put for each id to try, until one is free."""
        for memory_id in new_ids(self.prefix):
            yield Put(memory_id, self.body, self.ttl_ms, None, True, limits.bounds)

    def status(self, memory: Any) -> int:
        """The answer's status."""
        return 201

    def payload(self, memory: Any) -> int | None:
        """Bytes of data that came in."""
        return int(memory.size)
