"""Recall: read a memory."""

from typing import Any, NamedTuple

from stash_memory.errors import MemoryExpired, MemoryNotFound, ScopeDenied
from stash_memory.ids import check_id
from stash_memory.limits import Limits
from stash_memory.operations.members import EXTEND, ID_PART, KNOWN, LEFT_PART, MEMORY_ID
from stash_memory.operations.verb import Good, Verb
from stash_memory.records import UNBOUNDED, Bounds


class _RecallFields(NamedTuple):
    id: str
    unless_version: str | None = None
    at_least_ms: int | None = None
    bounds: Bounds = UNBOUNDED


class Recall(_RecallFields):
    """Reads the memory; `at_least_ms` raises its remaining life to at least that.

    While its version is `unless_version`, the answer has no body.
    """

    __slots__ = ()

    verb = Verb(
        name="recall",
        method="GET",
        route="recall/{memory_id}",
        event="stash_recalled",
        tally="recalls_found",
        members=(MEMORY_ID, EXTEND, KNOWN),
        answer=(ID_PART, LEFT_PART),
        data=True,
        shape="Recalled",
        summary="Recall a memory",
        description=(
            "The data, byte for byte as it was stashed, as often as you like. Reading does not extend a life; "
            "`extend` does. HEAD answers the same headers without the body."
        ),
        good={
            200: Good(
                "The memory.",
                {
                    "recalled": {
                        "memory_id": "run-42/plan",
                        "ttl_remaining": 597,
                        "data": {"task": "summarize", "progress": 0.5},
                    }
                },
            ),
            304: Good("The version in If-None-Match is still the memory's."),
        },
        errors=(ScopeDenied, MemoryNotFound, MemoryExpired),
    )
    repeatable = True

    @property
    def writes(self) -> bool:
        """Whether it changes something: a life."""
        return self.at_least_ms is not None

    def check(self) -> None:
        """Raises InvalidRequest for a bad id."""
        check_id(self.id)

    def bound(self, limits: Limits) -> "Recall":
        """The operation with the limits' bounds."""
        if self.at_least_ms is None:
            return self
        return Recall(self.id, self.unless_version, limits.hold(self.at_least_ms), limits.bounds)

    def status(self, memory: Any) -> int:
        """The answer's status: whether the caller has the data already."""
        return 304 if memory.version == self.unless_version else 200

    def payload(self, memory: Any) -> int | None:
        """Bytes of data that went out."""
        return 0 if memory.version == self.unless_version else int(memory.size)
