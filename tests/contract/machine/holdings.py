"""The model of what one user keeps, and of what is known of its dead."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Literal, TypeAlias

from stash_memory.errors import MemoryExpired, MemoryNotFound, StashError
from tests.contract.cast import DAY
from tests.contract.machine.body import Body
from tests.contract.machine.window import Window


@dataclass
class Kept:
    """A record, which may have expired. `fate`: "clock" where its expiry decides whether it is alive; "dead" where
    the backend said so already; "gone" where a prefix was forgotten just as it expired: there may be a tombstone.
    """

    body: Body
    version: str
    expires_at_ms: int
    fate: Literal["clock", "dead", "gone"] = "clock"


World: TypeAlias = dict[str, Kept]
"""What may be alive, all in all."""


class Holdings:
    """One user's records, dead ones included, and each version that an id ever had."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self.versions: dict[str, list[str]] = {}

    def worlds(self, window: Window) -> Iterator[World]:
        """All that may be alive in the window: more than one world only while something expires in it."""
        alive: World = {}
        expiring: list[str] = []
        for name, kept in self.kept.items():
            if kept.fate == "clock" and window.last_ms < kept.expires_at_ms:
                alive[name] = kept
            elif kept.fate == "clock" and window.first_ms < kept.expires_at_ms:
                expiring.append(name)
        for some in chain.from_iterable(combinations(expiring, n) for n in range(len(expiring) + 1)):
            yield alive | {name: self.kept[name] for name in some}

    def missing(self, id: str, window: Window) -> set[type[StashError]]:
        """What a get may raise while the id is not alive."""
        kept = self.kept.get(id)
        if kept is None or kept.expires_at_ms + DAY <= window.first_ms:
            return {MemoryNotFound}
        return {MemoryExpired, MemoryNotFound} if kept.fate == "gone" else {MemoryExpired}

    def keep(self, id: str, kept: Kept) -> None:
        """A write of data happened; its version is one that the id never had."""
        had = self.versions.setdefault(id, [])
        assert kept.version not in had, "a version was used again"
        had.append(kept.version)
        self.kept[id] = kept

    def is_missing(self, id: str, error: StashError) -> None:
        """The backend said that the id is not alive, and in which way."""
        if isinstance(error, MemoryExpired):
            assert error.expired_at_ms == self.kept[id].expires_at_ms
            self.kept[id].fate = "dead"
        else:
            self.kept.pop(id, None)
