"""The storage contract: what every backend promises, in one place."""

from collections.abc import Sequence
from typing import Protocol

from stash_memory.backends.closed import Closed
from stash_memory.backends.operation import Delete, Get, Operation, Put, Result, Update
from stash_memory.backends.record import Buffer, Caps, Entry, Page, Purged, Record, Totals
from stash_memory.bucket import Bucket, Spend

__all__ = [
    "Backend",
    "Buffer",
    "Caps",
    "Closed",
    "Delete",
    "Entry",
    "Get",
    "Operation",
    "Page",
    "Purged",
    "Put",
    "Record",
    "Result",
    "Totals",
    "Update",
]


class Backend(Protocol):
    """Bytes in, bytes out, with an expiry and a version on each value. This docstring is the law.

    **Who.** `user` is a user's id, `id` a memory's id, both already checked by the store. Users never
    meet: no method of one user reads, lists, counts or removes what is another's.

    **Bodies** are opaque bytes that come back exactly as they came. They go in as a sequence of
    buffers, which is read and not kept, and come out as an iterable of buffers, so that nothing here
    needs a large value in one piece. A recall under way is never given half of one value and half of
    another: it finishes with the value that it began, or raises StoreUnavailable.

    **Expiry.** A record is alive while the backend's clock is before `expires_at_ms`; from that
    instant on it does not exist, for every method, purged or not. The clock is the one that all
    who share the store agree on: the server's on Redis and PostgreSQL, the machine's for memory and sqlite.

    **Tombstones.** get, update and delete of a record that expired raise MemoryExpired with the instant
    of its expiry; at least the newest 1,000 of a user's are remembered, for 24 hours and no longer. All
    else that is not there, what was deleted included, raises MemoryNotFound. A put buries the tombstone.

    **Versions.** Each write of data (put, or update with a body) gives a fresh random version, never
    seen before for that id, even across delete and expiry. Extending keeps the version. A write with
    `if_version` happens only while that is the version, and raises PreconditionFailed otherwise.
    Where the record is not there, update and delete raise MemoryMissing, and put PreconditionFailed.

    **Atomic.** Each method, and each operation inside `many`, decides and acts in one step that no other
    thread, process or machine on the same store can come between. An acknowledged write survives the death
    of the process that made it, and whatever else the engine promises.

    **Spend.** With a `spend` that is not decided yet, the token is asked for in the same step. A denied
    one raises RateLimited and reads and writes nothing. Decided either way, the outcome is written into
    `spend.bucket`, also when the method raises something else. All of a user's requests share one
    bucket, across every thread, process and machine that shares the store. A full Redis still spends.

    **Caps.** With `caps`, a write that would leave the user with more live memories or bytes than its cap
    raises QuotaExceeded and changes nothing. Only live records count. A write that makes neither number
    larger passes, even over the cap. What is missing, and versions, are judged before caps.

    **Failure.** Nothing of a driver leaks. StoreUnavailable says whether a write was applied; StoreFull
    means that it was not. A backend never repeats a write that may have been applied.
    """

    def get(
        self, user: str, id: str, *, spend: Spend | None = None, unless_version: str | None = None
    ) -> Record:
        """The record. While its version is `unless_version`, an empty body in place of its own."""
        ...

    def put(
        self,
        user: str,
        id: str,
        body: Sequence[Buffer],
        ttl_ms: int,
        *,
        if_version: str | None = None,
        if_absent: bool = False,
        create_before_ms: int | None = None,
        spend: Spend | None = None,
        caps: Caps | None = None,
    ) -> Record:
        """Creates the record or replaces it, to live `ttl_ms` from now. Answers with an empty body.

        With `if_absent`, raises PreconditionFailed where a live record has the id. With `create_before_ms`, raises
        Closed where none has it, and the backend's clock is at that instant or past it; caps are judged after that.
        """
        ...

    def update(
        self,
        user: str,
        id: str,
        *,
        body: Sequence[Buffer] | None = None,
        extra_ms: int | None = None,
        at_least_ms: int | None = None,
        max_ttl_ms: int,
        if_version: str | None = None,
        spend: Spend | None = None,
        caps: Caps | None = None,
    ) -> Record:
        """Replaces the data, extends the life (as `stash_memory.expiry.extended` has it), or both.

        Answers with the new expiry and version, and an empty body; but `at_least_ms` without a `body`
        is a recall that extends, and answers with the record's.
        """
        ...

    def delete(
        self, user: str, id: str, *, if_version: str | None = None, spend: Spend | None = None
    ) -> None:
        """Removes the record at once; it leaves no tombstone."""
        ...

    def delete_prefix(self, user: str, prefix: str, *, spend: Spend | None = None) -> int:
        """Removes every record whose id begins with `prefix`; returns how many of them were alive.

        Not one step: each record goes in one, and records that come in meanwhile may stay.
        """
        ...

    def page(
        self,
        user: str,
        prefix: str = "",
        cursor: str | None = None,
        limit: int = 100,
        *,
        spend: Spend | None = None,
    ) -> Page:
        """At most `limit` live records whose ids begin with `prefix`, after `cursor`.

        Page after page, a record that lived throughout is shown exactly once.
        """
        ...

    def many(self, user: str, operations: Sequence[Operation], *, spend: Spend | None = None) -> list[Result]:
        """Does the operations in order, as if by their own methods; each has its result or its error.

        A delete's result is None. `spend.cost` is the number of operations, a token each: where there
        are fewer, the first ones get them and the rest are RateLimited, one by one; none left is no reason
        to raise. Other operations of the user may come between two of these.
        """
        ...

    def spend(self, user: str, spend: Spend) -> Bucket:
        """Spends without doing anything else. Raises RateLimited."""
        ...

    def totals(self, user: str | None = None) -> Totals:
        """What is alive, of one user or of all. For all, a figure that may be some seconds old."""
        ...

    def purge(self, budget: int) -> Purged:
        """Removes at most about `budget` expired records, in batches that keep writers waiting 0.15 s at most."""
        ...

    def close(self) -> None:
        """Lets go of files and connections. The backend is of no use afterwards."""
        ...
