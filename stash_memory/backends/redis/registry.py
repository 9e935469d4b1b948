"""Who may have memories: a few keys outside the users' slots, so that nobody has to walk the keyspace."""

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Any
from zlib import crc32

from redis.exceptions import ResponseError

from stash_memory.backends.redis.failures import refused
from stash_memory.backends.redis.keys import octets, text
from stash_memory.backends.redis.script import REGISTRY
from stash_memory.backends.redis.wire import Command, Wire
from stash_memory.errors import StashError

SHARDS = 16
PAGE = 1000

# A process registers a user who writes once in this time: `registry.lua` waits for twice as long to drop one.
AGAIN_S = 60
_AGAIN_AFTER_FAILURE_S = 5
_DAY_MS = 24 * 3600 * 1000
_SLACK_MS = 3600 * 1000
_MOST_KNOWN = 10_000


class Registry:
    """The active users of all processes, and which of them this one has registered lately."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        # User -> until when there is no need to register again, and until when the registry's key lives.
        self._known: dict[str, tuple[float, float]] = {}

    def is_due(self, user: str, ttl_ms: int) -> bool:
        """Whether the user has to be registered before a write that is to live `ttl_ms`."""
        known = self._known.get(user)
        if known is None:
            return True
        now = time.monotonic()
        return now >= known[0] or now + (ttl_ms + _DAY_MS) / 1000 > known[1]

    def along(self, user: str, ttl_ms: int, key: bytes, command: Command, *, write: bool) -> Any:
        """Registers the user, and asks `command` about `key`: in the same round trip where that is one place.

        Only the command's failures are raised: without registration a user is missing from totals and purges.
        """
        shard = shard_of(user)
        stay_ms = ttl_ms + _DAY_MS + _SLACK_MS
        arguments = (b"touch", octets(user), stay_ms)
        touch = REGISTRY.command([shard], arguments)
        if self._wire.one_place:
            touched, answer = self._wire.ask(key, touch, command, write=write)
            self._note(user, stay_ms, shard, arguments, touched)
            return answer
        with contextlib.suppress(StashError):
            [touched] = self._wire.ask(shard, touch, write=False)
            self._note(user, stay_ms, shard, arguments, touched)
        if user not in self._known:
            self._remember(user, _AGAIN_AFTER_FAILURE_S, float("inf"))
        [answer] = self._wire.ask(key, command, write=write)
        return answer

    def _note(
        self, user: str, stay_ms: int, shard: bytes, arguments: Sequence[bytes | int], touched: Any
    ) -> None:
        with contextlib.suppress(StashError):
            REGISTRY.answer(self._wire, [shard], arguments, touched, write=False)
            self._remember(user, AGAIN_S, time.monotonic() + stay_ms / 1000)

    def _remember(self, user: str, seconds: float, until: float) -> None:
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[user] = (time.monotonic() + seconds, until)

    def users(self, at_once: int) -> Iterator[list[str]]:
        """All who are registered, some at a time; whoever registers meanwhile may come twice."""
        for number in range(SHARDS):
            shard, after = b"active:%02x" % number, b"-inf"
            while True:
                page = (b"ZRANGE", shard, after, b"+inf", b"BYSCORE", b"LIMIT", 0, PAGE, b"WITHSCORES")
                [found] = self._wire.ask(shard, page, write=False)
                if isinstance(found, ResponseError):
                    raise refused(found, self._wire.name, write=False) from found
                names, scores = _columns(found)
                for start in range(0, len(names), at_once):
                    yield names[start : start + at_once]
                if len(names) < PAGE:
                    break
                # In microseconds, and so hardly ever the same for two.
                after = b"(%.0f" % scores[-1]

    def drop(self, users: Sequence[str]) -> None:
        """Forgets those who have nothing, unless they registered lately."""
        of_shard: dict[bytes, list[bytes]] = {}
        for user in users:
            of_shard.setdefault(shard_of(user), []).append(octets(user))
        for shard, names in of_shard.items():
            REGISTRY.run(self._wire, [shard], [b"drop", *names], write=False)


def shard_of(user: str) -> bytes:
    """The key that the user is registered in."""
    return b"active:%02x" % (crc32(octets(user)) % SHARDS)


def _columns(found: list[Any]) -> tuple[list[str], list[float]]:
    """Members and scores: pairs where the protocol is RESP3, and flat in RESP2."""
    flat = [item for pair in found for item in pair] if found and isinstance(found[0], list) else found
    return [text(name) for name in flat[::2]], [float(score) for score in flat[1::2]]
