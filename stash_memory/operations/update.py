"""Update: change a memory that is there."""

from typing import Any, NamedTuple

from stash_memory.errors import (
    ContentLengthMismatch,
    InvalidRequest,
    MemoryExpired,
    MemoryNotFound,
    PayloadTooLarge,
    PreconditionFailed,
    QuotaExceeded,
    ScopeDenied,
)
from stash_memory.ids import check_id
from stash_memory.limits import Limits
from stash_memory.operations.members import (
    AT_LEAST,
    DATA,
    EXPIRY_PART,
    EXTRA_SECONDS,
    ID_PART,
    IF_MATCH,
    LEFT_PART,
    MEMORY_ID,
)
from stash_memory.operations.verb import Good, Verb
from stash_memory.records import UNBOUNDED, Body, Bounds


class _UpdateFields(NamedTuple):
    id: str
    body: Body | None = None
    extra_ms: int | None = None
    at_least_ms: int | None = None
    if_version: str | None = None
    bounds: Bounds = UNBOUNDED


class Update(_UpdateFields):
    """Replaces the data by the JSON text `body`, adds `extra_ms` to the life or raises it to `at_least_ms`.

    With `if_version`, only while that is the memory's version.
    """

    __slots__ = ()

    verb = Verb(
        name="update",
        method="PATCH",
        route="update/{memory_id}",
        event="stash_updated",
        tally="updates",
        members=(MEMORY_ID, DATA, EXTRA_SECONDS, AT_LEAST, IF_MATCH),
        answer=(ID_PART, LEFT_PART, EXPIRY_PART),
        shape="Updated",
        body="UpdateFields",
        summary="Update a memory",
        description=(
            "Replaces the data, lengthens the life, or both: one of them at least. `extra_seconds` adds to what "
            "remains, `at_least` raises it to at least so much; a request takes one of the two. Both are held to the "
            "user's maximum from now; the answer has the true expiry. Not safe to send again with `extra_seconds`."
        ),
        examples={
            "replace the data": {"data": {"task": "summarize", "progress": 1.0}},
            "live longer": {"extra_seconds": 600},
            "live at least so long": {"at_least": 600},
            "both": {"data": None, "extra_seconds": 60},
        },
        good={
            200: Good(
                "Updated.",
                {
                    "updated": {
                        "memory_id": "run-42/plan",
                        "ttl_remaining": 1195,
                        "expires_at": "2026-01-15T11:40:00Z",
                    }
                },
            )
        },
        errors=(
            ScopeDenied,
            MemoryNotFound,
            MemoryExpired,
            PreconditionFailed,
            QuotaExceeded,
            ContentLengthMismatch,
            PayloadTooLarge,
        ),
    )
    writes = True

    @property
    def repeatable(self) -> bool:
        """Whether twice is the same as once."""
        return self.extra_ms is None and self.if_version is None

    def check(self) -> None:
        """Raises InvalidRequest for a bad id, or nothing to change."""
        check_id(self.id)
        if self.body is None and self.extra_ms is None and self.at_least_ms is None:
            raise InvalidRequest("An update needs data, extra_seconds or at_least.")
        if self.extra_ms is not None and self.at_least_ms is not None:
            raise InvalidRequest("An update takes extra_seconds or at_least, not both.", field="at_least")

    def bound(self, limits: Limits) -> "Update":
        """The operation with the limits' bounds. Raises InvalidRequest, PayloadTooLarge."""
        if self.body is not None:
            limits.check_data(self.body)
        extra_ms, at_least_ms = limits.hold(self.extra_ms), limits.hold(self.at_least_ms)
        return Update(self.id, self.body, extra_ms, at_least_ms, self.if_version, limits.bounds)

    def status(self, memory: Any) -> int:
        """The answer's status."""
        return 200

    def payload(self, memory: Any) -> int | None:
        """Bytes of data that came in, if any did."""
        return None if self.body is None else int(memory.size)
