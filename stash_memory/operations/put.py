"""Put: keep data under the caller's own id."""

from typing import Any, NamedTuple

from stash_memory.errors import (
    ContentLengthMismatch,
    InvalidRequest,
    PayloadTooLarge,
    PreconditionFailed,
    QuotaExceeded,
    ScopeDenied,
)
from stash_memory.ids import check_id
from stash_memory.limits import Limits
from stash_memory.operations.members import (
    CREATE_ONLY,
    EXPIRY_PART,
    ID_PART,
    MEMORY_ID,
    NEEDED_DATA,
    REPLACED,
    TTL,
    TTL_PART,
)
from stash_memory.operations.verb import Good, Verb
from stash_memory.records import UNBOUNDED, Body, Bounds

KEPT = {"memory_id": "run-42/plan", "ttl": 600, "expires_at": "2026-01-15T11:30:00Z"}


class _PutFields(NamedTuple):
    id: str
    body: Body
    ttl_ms: int | None = None
    if_version: str | None = None
    if_absent: bool = False
    bounds: Bounds = UNBOUNDED


class Put(_PutFields):
    """Creates the memory or replaces it, data and life: the JSON text `body` for `ttl_ms`, or the default TTL.

    With `if_version` it only replaces that version, with `if_absent` it only creates.
    """

    __slots__ = ()

    verb = Verb(
        name="put",
        method="PUT",
        route="stash/{memory_id}",
        event="stash_created",
        tally="stashes",
        members=(MEMORY_ID, NEEDED_DATA, TTL, REPLACED, CREATE_ONLY),
        answer=(ID_PART, TTL_PART, EXPIRY_PART),
        shape="Kept",
        body="StashFields",
        summary="Stash a value under an id of one's own",
        description=(
            "Creates the memory or replaces it, data and life: with If-Match only a version that is known, with "
            "If-None-Match `*` never one that is there. Safe to send again."
        ),
        examples={"replace or create": {"data": {"step": 3}, "ttl": 600}},
        good={200: Good("Replaced.", {"replaced": KEPT}), 201: Good("Created.", {"created": KEPT})},
        errors=(ScopeDenied, PreconditionFailed, QuotaExceeded, ContentLengthMismatch, PayloadTooLarge),
    )
    writes = True

    @property
    def life_ms(self) -> int:
        """How long the memory will live: its TTL, or the default."""
        return self.bounds.default_ttl_ms if self.ttl_ms is None else self.ttl_ms

    @property
    def repeatable(self) -> bool:
        """Whether twice is the same as once: a second conditional put would meet its own first one."""
        return self.if_version is None and not self.if_absent

    def check(self) -> None:
        """Raises InvalidRequest for a bad id, or two conditions that contradict each other."""
        check_id(self.id)
        if self.if_absent and self.if_version is not None:
            raise InvalidRequest("Send If-Match or If-None-Match, not both.", field="if_match")

    def bound(self, limits: Limits) -> "Put":
        """The operation with the limits' bounds. Raises InvalidRequest, PayloadTooLarge."""
        limits.check_ttl(self.ttl_ms)
        limits.check_data(self.body)
        return Put(*self[:-1], limits.bounds)

    def status(self, memory: Any) -> int:
        """The answer's status: whether the id was free."""
        return 201 if memory.created else 200

    def payload(self, memory: Any) -> int | None:
        """Bytes of data that came in."""
        return int(memory.size)
