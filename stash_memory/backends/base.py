"""The storage contract: what every backend promises, in one place."""

from collections.abc import Sequence
from typing import Protocol

from stash_memory.bucket import Bucket, Spend
from stash_memory.operations import Operation, Result
from stash_memory.records import Page, Purged, Totals


class Backend(Protocol):
    """Bytes in, bytes out, with an expiry and a version on each value. This docstring is the law.

    **Who.** `user` is a user's id, an operation's `id` a memory's, both checked by the store. Users never meet: no
    method of one user reads, lists, counts or removes another's records.

    **Bodies** are opaque bytes that come back exactly as they came. They go in as a sequence of buffers, which is read
    and not kept, and come out as an iterable of buffers, so that nothing here needs a large value in one piece. A
    recall under way never gets half of one value and half of another: it finishes with the value that it began, or
    raises StoreUnavailable.

    **Expiry.** A record is alive while the backend's clock is before `expires_at_ms`; from that instant on it does not
    exist, for every method, purged or not. All who share the store agree on the clock: the server's on Redis and
    PostgreSQL, the machine's for memory and sqlite.

    **Tombstones.** Recall, update and forget of an expired record answer MemoryExpired with the instant of its expiry;
    at least the newest 1,000 of a user are remembered, for 24 hours and no longer. Everything else that is not there,
    forgotten records included, is MemoryNotFound. A put buries the tombstone.

    **Versions.** Each write of data gives a fresh random version, never seen before for that id, even across forget
    and expiry. Extending keeps the version. A write with `if_version` happens only while that is the version, else it
    is PreconditionFailed. If the record is not there, update and forget are MemoryMissing, and put PreconditionFailed.

    **Atomic.** Each operation decides and acts in one step that no other thread, process or machine on the same store
    can come between. An acknowledged write survives the death of the process that made it, and whatever else the
    engine promises.

    **Spend.** With a `spend` that is not decided yet, the tokens are asked for in the same step; a denied operation
    reads and writes nothing. Decided either way, the outcome is written into `spend.bucket`, also if the method raises
    something else. All requests of a user share one bucket, across every thread, process and machine that shares the
    store. A full Redis still spends.

    **Bounds.** An operation's `bounds` hold lives to the user's maximum. With caps, a write that would leave the user
    with more live memories or bytes is QuotaExceeded and changes nothing. Only live records count. A write that makes
    neither number larger passes, even over the cap. With `create_before_ms`, a put that would create at that instant
    of the backend's clock or later is Closed. Missing records and versions are judged before caps.

    **Failure.** Nothing of a driver leaks. StoreUnavailable says whether a write was applied; StoreFull means that it
    was not. A backend never repeats a write that may have been applied.
    """

    def do(self, user: str, operations: Sequence[Operation], spend: Spend | None = None) -> list[Result]:
        """Does the operations in order; each has its record, None (of a forget) or its error in its place.

        The answer to a recall carries the record's body, except while its version is `unless_version`; all other
        bodies are empty. `spend.cost` is the number of operations, a token each: if there are fewer, the first ones
        get them and the rest are RateLimited, one by one. Other operations of the user may come between two of these.
        Raises StoreUnavailable and StoreFull if none of them was done.
        """
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
