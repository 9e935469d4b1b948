"""The Redis backend: one call of a script for each method of the contract."""

from collections.abc import Sequence

import redis

from stash_memory.backends.body import INLINE_BYTES
from stash_memory.backends.redis.batches import Batches
from stash_memory.backends.redis.bodies import LUA_BYTES, Bodies
from stash_memory.backends.redis.caller import Caller, out_of_tokens, tokens_of
from stash_memory.backends.redis.cluster import ClusterWire
from stash_memory.backends.redis.encoding import Elsewhere, build_inline
from stash_memory.backends.redis.keys import octets, text
from stash_memory.backends.redis.registry import Clearing, Registry
from stash_memory.backends.redis.wire import Argument, NodeWire, Wire
from stash_memory.bucket import Bucket, Spend
from stash_memory.errors import StoreUnavailable
from stash_memory.ids import new_version
from stash_memory.operations import Forget, Operation, Recall, Result
from stash_memory.records import Entry, Page, Purged, Totals, size_of

# The state in a page's answer: nothing is left, or more is. After any other, the next call goes on.
_END, _MORE = 0, 1


class RedisBackend:
    """A `stash_memory.backends.base.Backend` on Redis 7.0 or later, or Valkey; `client` is redis-py's.

    It uses only the client's connections: neither its retries nor its decoding. Threads and forked children may share
    it. Every method may raise StoreUnavailable, and those that write StoreFull. The server must not evict
    (`maxmemory-policy noeviction`). Its persistence decides how much of what was acknowledged survives its death.
    """

    def __init__(self, client: "redis.Redis | redis.RedisCluster") -> None:
        self._wire: Wire = ClusterWire(client) if isinstance(client, redis.RedisCluster) else NodeWire(client)
        registry = Registry(self._wire)
        self._caller = Caller(self._wire, registry)
        self._bodies = Bodies(self._wire, self._caller)
        self._batches = Batches(self._caller, self._bodies)
        self._clearing = Clearing(self._wire, registry)

    def do(self, user: str, operations: Sequence[Operation], spend: Spend | None = None) -> list[Result]:
        """See Backend.do. One round trip, and another for a body over 64 KB that is recalled alone."""
        if len(operations) == 1:
            if spend is not None and not tokens_of(spend):
                return [out_of_tokens(spend)]
            return [self._do_one(user, operations[0], spend)]
        return self._batches.perform(user, operations, spend) if operations else []

    def delete_prefix(self, user: str, prefix: str, *, spend: Spend | None = None) -> int:
        """See Backend.delete_prefix. Each step removes 500 records.

        A failure after the first step is "unknown": some of the records are gone.
        """
        low, high = _range_of(prefix, None)
        removed, more = 0, 1
        while more:
            try:
                found, _ = self._caller.ask(user, [], [b"clear", low, high], spend, write=True)
            except StoreUnavailable as error:
                error.applied = "unknown" if removed else error.applied
                raise
            if not found:
                raise out_of_tokens(spend)
            _, more, last, alive = found[0]
            removed += alive
            low = b"(" + last
        return removed

    def page(
        self,
        user: str,
        prefix: str = "",
        cursor: str | None = None,
        limit: int = 100,
        *,
        spend: Spend | None = None,
    ) -> Page:
        """See Backend.page. The cursor is the last entry's id."""
        low, high = _range_of(prefix, cursor)
        entries: list[Entry] = []
        while True:
            asked: list[Argument] = [b"page", low, high, limit - len(entries)]
            found, now_ms = self._caller.ask(user, [], asked, spend, write=False)
            if not found:
                raise out_of_tokens(spend)
            _, state, last, listed = found[0]
            for name, version, size, expires_at_ms in zip(*[iter(listed)] * 4, strict=True):
                left_ms = expires_at_ms - now_ms
                entries.append(Entry(text(name), size, version.decode(), expires_at_ms, left_ms))
            if state in (_END, _MORE):
                return Page(entries, entries[-1].id if state == _MORE else None)
            low = b"(" + last

    def spend(self, user: str, spend: Spend) -> Bucket:
        """See Backend.spend."""
        if not self._caller.charge(user, spend):
            raise out_of_tokens(spend)
        assert spend.bucket is not None
        return spend.bucket

    def totals(self, user: str | None = None) -> Totals:
        """See Backend.totals. Clears expired records first, and counts the rest."""
        return self._clearing.totals() if user is None else self._clearing.totals_of(user)

    def purge(self, budget: int) -> Purged:
        """See Backend.purge. Redis frees the bodies by itself; this clears and counts their entries."""
        return self._clearing.purge(budget)

    def close(self) -> None:
        """Closes the connections; a pool that was handed in with the client stays open."""
        self._wire.close()

    def _do_one(self, user: str, operation: Operation, spend: Spend | None) -> Result:
        if isinstance(operation, Recall):
            return self._recall(user, operation, spend)
        if isinstance(operation, Forget) or operation.body is None:
            value = None
        else:
            size = size_of(operation.body)
            if size > INLINE_BYTES:
                return self._bodies.write(user, operation, operation.body, size, spend)
            value = build_inline(new_version(), operation.body, size)
        result = self._caller.perform(user, operation, value, spend)
        assert not isinstance(result, Elsewhere)
        return result

    def _recall(self, user: str, recall: Recall, spend: Spend | None) -> Result:
        found = self._caller.perform(user, recall, None, spend, LUA_BYTES)
        if not isinstance(found, Elsewhere):
            return found
        record = self._bodies.read(user, recall.id, found)
        if record is not None:
            return record
        # Replaced, forgotten or expired since: the second recall is one step, and its token is spent already.
        found = self._caller.perform(user, recall)
        return self._bodies.read(user, recall.id, found) if isinstance(found, Elsewhere) else found


def _range_of(prefix: str, cursor: str | None) -> tuple[bytes, bytes]:
    """The bounds of the ids that begin with `prefix` and come after `cursor`, as Redis's BYLEX takes them."""
    first = octets(prefix)
    low, high = (b"[" + first, b"(" + first[:-1] + bytes([first[-1] + 1])) if first else (b"-", b"+")
    if cursor is not None and octets(cursor) >= first:
        low = b"(" + octets(cursor)
    return low, high
