"""The backend: each method of the contract as one call of a script; large bodies travel beside it."""

from collections.abc import Sequence

import redis

from stash_memory.backends.base import (
    Buffer,
    Caps,
    Delete,
    Get,
    OldOperation,
    Page,
    Purged,
    Put,
    Record,
    Result,
    Totals,
    Update,
)
from stash_memory.backends.body import size_of
from stash_memory.backends.bridged import Bridged
from stash_memory.backends.redis import beside, bodies, listing
from stash_memory.backends.redis.caller import Dispatch
from stash_memory.backends.redis.clearing import Clearing
from stash_memory.backends.redis.cluster import ClusterWire
from stash_memory.backends.redis.encoding import Answer, Beside, Task, inline
from stash_memory.backends.redis.keys import keys_of
from stash_memory.backends.redis.large import Large
from stash_memory.backends.redis.registry import Registry
from stash_memory.backends.redis.wire import NodeWire, Wire
from stash_memory.bucket import Bucket, Spend
from stash_memory.errors import RateLimited, StashError
from stash_memory.ids import new_version


class RedisBackend(Bridged):
    """A `stash_memory.backends.base.Backend` on Redis 7.0 or later, or Valkey; `client` is redis-py's.

    Its own retries, timeouts in pipelines and decoding are not used: only its connections. Threads and forked
    children may share it. Any method may raise StoreUnavailable, and those that write StoreFull. The server
    must not evict (`maxmemory-policy noeviction`). How much of what was acknowledged survives the server's
    own death is up to its persistence.
    """

    def __init__(self, client: "redis.Redis | redis.RedisCluster") -> None:
        self._wire: Wire = ClusterWire(client) if isinstance(client, redis.RedisCluster) else NodeWire(client)
        registry = Registry(self._wire)
        self._dispatch = Dispatch(self._wire, registry)
        self._clearing = Clearing(self._wire, registry)
        self._large = Large(self._wire, self._dispatch)

    def get(
        self, user: str, id: str, *, spend: Spend | None = None, unless_version: str | None = None
    ) -> Record:
        """See Backend.get. A body over 64 KB takes a second round trip; one over 1 MB is read piece by piece."""
        found = self._dispatch.one(user, Task(Get(id, unless_version), None, beside.LUA_BYTES), spend)
        if isinstance(found, Beside):
            record = beside.record(self._wire, keys_of(user).head(id), found)
            if record is not None:
                return record
            # Written anew, forgotten or expired since: this time in one step, and the token is spent.
            found = self._dispatch.one(user, Task(Get(id, unless_version)))
        return self._found(user, found)

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
        """See Backend.put. One round trip; for a body over 1 MB, two and one for each 256 KB."""
        put = Put(id, body, ttl_ms, if_version, if_absent, caps, create_before_ms)
        return self._write(user, put, body, spend)

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
        """See Backend.update. As many round trips as `put`; without a body it works on a full Redis too."""
        update = Update(id, body, extra_ms, at_least_ms, max_ttl_ms, if_version, caps)
        if body is None:
            return self._record(user, Task(update), spend)
        return self._write(user, update, body, spend)

    def delete(
        self, user: str, id: str, *, if_version: str | None = None, spend: Spend | None = None
    ) -> None:
        """See Backend.delete."""
        found = self._dispatch.one(user, Task(Delete(id, if_version)), spend)
        if isinstance(found, StashError):
            raise found

    def delete_prefix(self, user: str, prefix: str, *, spend: Spend | None = None) -> int:
        """See Backend.delete_prefix. In steps of 500 records."""
        return listing.clear(self._dispatch, user, prefix, spend)

    def page(
        self,
        user: str,
        prefix: str = "",
        cursor: str | None = None,
        limit: int = 100,
        *,
        spend: Spend | None = None,
    ) -> Page:
        """See Backend.page. The cursor is the id that was shown last."""
        return listing.page(self._dispatch, user, prefix, cursor, limit, spend)

    def many(
        self, user: str, operations: Sequence[OldOperation], *, spend: Spend | None = None
    ) -> list[Result]:
        """See Backend.many. One round trip for up to 256 operations and 1 MB either way."""
        if not operations:
            return []
        results = self._large.many(user, operations, spend)
        if spend is not None and spend.bucket is not None:
            wait_ms = spend.bucket.retry_after_ms
            results += [RateLimited(wait_ms) for _ in operations[len(results) :]]
        keys = keys_of(user)
        return [bodies.record(self._wire, keys, r) if isinstance(r, Answer) else r for r in results]

    def spend(self, user: str, spend: Spend) -> Bucket:
        """See Backend.spend."""
        self._dispatch.run(user, (), spend)
        assert spend.bucket is not None
        return spend.bucket

    def totals(self, user: str | None = None) -> Totals:
        """See Backend.totals. Clears what has expired, and counts the rest."""
        return self._clearing.totals() if user is None else self._clearing.totals_of(user)

    def purge(self, budget: int) -> Purged:
        """See Backend.purge. Redis lets go of the bodies by itself; this clears and counts their entries."""
        return self._clearing.purge(budget)

    def close(self) -> None:
        """Closes the connections; those of a pool that was handed in with the client stay."""
        self._wire.close()

    def _write(
        self, user: str, operation: Put | Update, body: Sequence[Buffer], spend: Spend | None
    ) -> Record:
        size = size_of(body)
        if size > bodies.INLINE_BYTES:
            return self._large.write(user, operation, body, size, spend)
        return self._record(user, Task(operation, inline(new_version(), body, size)), spend)

    def _record(self, user: str, task: Task, spend: Spend | None) -> Record:
        found = self._dispatch.one(user, task, spend)
        return self._found(user, found)

    def _found(self, user: str, found: Result | Answer) -> Record:
        if isinstance(found, StashError):
            raise found
        if isinstance(found, Answer):
            return bodies.record(self._wire, keys_of(user), found)
        assert found is not None
        return found
