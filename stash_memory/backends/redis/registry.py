"""Index of users with live data, so that totals and purges need not SCAN: a few keys outside the users' slots."""

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from zlib import crc32

from redis.exceptions import ResponseError

from stash_memory.backends.redis.failures import translate_refusal
from stash_memory.backends.redis.keys import keys_of, octets, text
from stash_memory.backends.redis.script import REGISTERED_S, REGISTRY, SPARING
from stash_memory.backends.redis.wire import Argument, Command, Wire
from stash_memory.errors import StashError
from stash_memory.law import REMEMBERED_MS
from stash_memory.records import Purged, Totals

SHARDS = 16
PAGE = 1000

_AGAIN_AFTER_FAILURE_S = 5
_SLACK_MS = 3600 * 1000
_MOST_KNOWN = 10_000

# Redis performs one packet's commands before it turns to other clients: 16 x 64 entries take about 4 ms.
USERS = 16
ENTRIES = 64
ENTRIES_OF_ONE = 500


class Registry:
    """The active users of all processes, and those that this process has registered lately."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        # User -> until when the user need not be registered again, and until when the registry's key lives.
        self._known: dict[str, tuple[float, float]] = {}

    def is_due(self, user: str, lives_ms: int) -> bool:
        """Whether the user has to be registered before a write that may live `lives_ms`."""
        known = self._known.get(user)
        if known is None:
            return True
        now = time.monotonic()
        return now >= known[0] or now + (lives_ms + REMEMBERED_MS) / 1000 > known[1]

    def register_with(self, user: str, lives_ms: int, key: bytes, command: Command, *, write: bool) -> Any:
        """Registers the user and asks `command` about `key`: in one round trip if all keys are in one place.

        Raises the command's failures alone: an unregistered user is only missing from totals and purges.
        """
        shard = shard_of(user)
        stay_ms = lives_ms + REMEMBERED_MS + _SLACK_MS
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

    def users(self, at_once: int) -> Iterator[list[str]]:
        """All registered users, `at_once` at a time; a user who registers meanwhile may come twice."""
        for number in range(SHARDS):
            shard, after = b"active:%02x" % number, b"-inf"
            while True:
                page = (b"ZRANGE", shard, after, b"+inf", b"BYSCORE", b"LIMIT", 0, PAGE, b"WITHSCORES")
                [found] = self._wire.ask(shard, page, write=False)
                if isinstance(found, ResponseError):
                    raise translate_refusal(found, self._wire.name, write=False) from found
                names, scores = _columns(found)
                for start in range(0, len(names), at_once):
                    yield names[start : start + at_once]
                if len(names) < PAGE:
                    break
                # Scores are microseconds, so two users hardly ever share one.
                after = b"(%.0f" % scores[-1]

    def drop(self, users: Sequence[str]) -> None:
        """Forgets users without data, except those who registered lately."""
        of_shard: dict[bytes, list[bytes]] = {}
        for user in users:
            of_shard.setdefault(shard_of(user), []).append(octets(user))
        for shard, names in of_shard.items():
            REGISTRY.run(self._wire, [shard], [b"drop", *names], write=False)

    def _note(
        self, user: str, stay_ms: int, shard: bytes, arguments: Sequence[bytes | int], touched: Any
    ) -> None:
        with contextlib.suppress(StashError):
            REGISTRY.answer(self._wire, [shard], arguments, touched, write=False)
            self._remember(user, REGISTERED_S, time.monotonic() + stay_ms / 1000)

    def _remember(self, user: str, seconds: float, until: float) -> None:
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[user] = (time.monotonic() + seconds, until)


class Count(NamedTuple):
    """A user's books: entries, their bytes, `more` if some have expired; and the entries and bytes just cleared."""

    more: int
    memories: int
    bytes: int
    cleared: int
    freed: int


class Clearing:
    """Counts records and clears expired ones, user by user, in short calls."""

    def __init__(self, wire: Wire, registry: Registry) -> None:
        self._wire = wire
        self._registry = registry

    def totals_of(self, user: str) -> Totals:
        """One user's totals. Exact: expired records are cleared first."""
        while True:
            [count] = self._counts([user], ENTRIES_OF_ONE)
            if not count.more:
                return Totals(count.memories, count.bytes)

    def totals(self) -> Totals:
        """The totals of all registered users."""
        known: dict[str, Totals] = {}
        for users in self._registry.users(USERS):
            pending = users
            while pending:
                counts = self._counts(pending, ENTRIES if len(pending) > 1 else ENTRIES_OF_ONE)
                known |= {u: Totals(c.memories, c.bytes) for u, c in zip(pending, counts, strict=True)}
                pending = [user for user, count in zip(pending, counts, strict=True) if count.more]
            self._registry.drop([user for user in users if not known[user].memories])
        return Totals(sum(t.memories for t in known.values()), sum(t.bytes for t in known.values()))

    def purge(self, budget: int) -> Purged:
        """Clears about `budget` entries, then only looks whether more are left."""
        cleared = freed = 0
        for users in self._registry.users(USERS):
            pending, idle = users, []
            while pending:
                share = -(-max(0, budget - cleared) // len(pending))
                counts = self._counts(pending, min(share, ENTRIES if len(pending) > 1 else ENTRIES_OF_ONE))
                cleared += sum(count.cleared for count in counts)
                freed += sum(count.freed for count in counts)
                idle += [user for user, count in zip(pending, counts, strict=True) if not count.memories]
                pending = [user for user, count in zip(pending, counts, strict=True) if count.more]
                if pending and cleared >= budget:
                    return Purged(cleared, freed, True)
            self._registry.drop(idle)
        return Purged(cleared, freed, False)

    def _counts(self, users: Sequence[str], most: int) -> list[Count]:
        passed: list[Argument] = [b"", b"", b"", b"", b"count", most]
        books = [keys_of(user).books for user in users]
        answers = self._wire.ask_each([(keys[0], SPARING.command(keys, passed)) for keys in books])
        found = [
            SPARING.answer(self._wire, keys, passed, answer, write=False)
            for keys, answer in zip(books, answers, strict=True)
        ]
        return [Count(*answer[3][1:]) for answer in found]


def shard_of(user: str) -> bytes:
    """The key that the user is registered in."""
    return b"active:%02x" % (crc32(octets(user)) % SHARDS)


def _columns(found: list[Any]) -> tuple[list[str], list[float]]:
    """Members and scores, which come in pairs over RESP3, and flat over RESP2."""
    flat = [item for pair in found for item in pair] if found and isinstance(found[0], list) else found
    return [text(name) for name in flat[::2]], [float(score) for score in flat[1::2]]
