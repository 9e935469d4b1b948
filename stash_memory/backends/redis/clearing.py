"""What is alive, and clearing what is not: user by user, as the registry has them, in short calls."""

from collections.abc import Sequence
from typing import NamedTuple

from stash_memory.backends.base import Purged, Totals
from stash_memory.backends.redis.keys import keys_of
from stash_memory.backends.redis.registry import Registry
from stash_memory.backends.redis.script import SPARING
from stash_memory.backends.redis.wire import Argument, Wire

# Redis does what comes in one packet before it turns to others: 16 x 64 entries are about 4 ms.
USERS = 16
ENTRIES = 64
ENTRIES_OF_ONE = 500


class Count(NamedTuple):
    """A user's books: entries, their bytes, `more` if some have expired; and what was just cleared."""

    more: int
    memories: int
    bytes: int
    cleared: int
    freed: int


class Clearing:
    """Counts and clears."""

    def __init__(self, wire: Wire, registry: Registry) -> None:
        self._wire = wire
        self._registry = registry

    def totals_of(self, user: str) -> Totals:
        """Exact: whatever has expired is cleared first."""
        while True:
            [count] = self._counts([user], ENTRIES_OF_ONE)
            if not count.more:
                return Totals(count.memories, count.bytes)

    def totals(self) -> Totals:
        """Of all who are registered."""
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
        """Clears about `budget` entries. Once they are cleared, only looks whether there are more."""
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
