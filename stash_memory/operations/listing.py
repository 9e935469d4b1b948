"""List: a page of the memories whose ids begin alike."""

from typing import NamedTuple

from stash_memory.errors import InvalidRequest, ScopeDenied
from stash_memory.ids import LONGEST_PAGE, PAGE, check_prefix
from stash_memory.limits import Limits
from stash_memory.operations.members import CURSOR, LIMIT, PREFIX
from stash_memory.operations.verb import Good, Verb


class _ListPageFields(NamedTuple):
    prefix: str = ""
    cursor: str | None = None
    limit: int = PAGE


class ListPage(_ListPageFields):
    """At most `limit` live memories whose ids begin with `prefix`, after `cursor`, without their data."""

    __slots__ = ()

    verb = Verb(
        name="list",
        method="GET",
        route="stash",
        event="stash_listed",
        tally="",
        members=(PREFIX, CURSOR, LIMIT),
        shape="ListingPage",
        summary="List memories",
        description=(
            "The user's live memories, without their data, in the byte order of their ids, a page at a time: "
            "`cursor` of one page asks for the next, until it is null."
        ),
        good={
            200: Good(
                "One page.",
                {
                    "a last page": {
                        "memories": [
                            {
                                "memory_id": "run-42/plan",
                                "bytes": 38,
                                "ttl_remaining": 597,
                                "expires_at": "2026-01-15T11:30:00Z",
                            }
                        ],
                        "cursor": None,
                    }
                },
            )
        },
        errors=(ScopeDenied,),
    )
    writes = False
    repeatable = True

    def check(self) -> None:
        """Raises InvalidRequest for a prefix that no id can begin with, or a bad limit."""
        check_prefix(self.prefix)
        limit = self.limit
        if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= LONGEST_PAGE:
            raise InvalidRequest(f"limit must be a whole number from 1 to {LONGEST_PAGE}.", field="limit")

    def bound(self, limits: Limits) -> "ListPage":
        """The operation: limits do not touch it."""
        return self
