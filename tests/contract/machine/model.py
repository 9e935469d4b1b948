"""The law of stash_memory/backends/base.py said a second time, as plainly as can be: dicts, and a clock that is told.

Nothing here is taken from a backend. The arithmetic of tokens and of extensions is the library's: the law names it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from stash_memory.backends.base import Caps, Delete, Get, Operation, Purged, Put, Totals, Update
from stash_memory.bucket import Bucket, Spend, take
from stash_memory.errors import (
    MemoryExpired,
    MemoryMissing,
    MemoryNotFound,
    PreconditionFailed,
    QuotaExceeded,
    RateLimited,
    StashError,
)
from stash_memory.expiry import extended
from tests.contract.cast import DAY

REMEMBERED = 1_000
SOME_SECONDS_US = 10_000_000


class Now(NamedTuple):
    """When a step took place, in microseconds: somewhere between the two. By hand they are one."""

    earliest_us: int
    latest_us: int

    @property
    def earliest_ms(self) -> int:
        return self.earliest_us // 1000

    @property
    def latest_ms(self) -> int:
        return self.latest_us // 1000


@dataclass(eq=False)
class Version:
    """A version; its text is None until an answer tells it."""

    text: str | None = None


@dataclass(eq=False)
class Kept:
    """A record, alive or dead. It expires between the two instants; they are one as soon as an answer tells.

    `life`: the same from its creation on, through every write, until it is deleted or expires. `forgettable`: more
    than the newest thousand died after it. `counted`: it is among what a purge may find.
    """

    body: bytes
    version: Version
    earliest_ms: int
    latest_ms: int
    life: int
    forgettable: bool = False
    counted: bool = False


class Answer(NamedTuple):
    """What a Record has to be."""

    kept: Kept
    body: bytes = b""
    created: bool = False


class PerhapsForgotten(MemoryExpired):
    """A MemoryExpired in whose place a MemoryNotFound is as lawful."""


Expected = Answer | StashError | None


class Model:
    """What every user keeps, and every bucket. Methods raise what a backend's raise."""

    def __init__(self) -> None:
        self.now = Now(0, 0)
        self.records: defaultdict[str, dict[str, Kept]] = defaultdict(dict)
        self.versions: defaultdict[tuple[str, str], list[Version]] = defaultdict(list)
        self.figures: list[tuple[int, Totals]] = []
        self._full_at_us: defaultdict[str, int] = defaultdict(int)
        self._lives = 0
        self._to_purge = Totals(0, 0)

    def do(self, user: str, op: Operation) -> Expected:
        match op:
            case Get():
                kept = self._held(user, op.id)
                spared = op.unless_version is not None and op.unless_version == kept.version.text
                return Answer(kept, b"" if spared else kept.body)
            case Put():
                return self._put(user, op)
            case Update():
                return self._update(user, op)
            case Delete():
                self._held(user, op.id, op.if_version)
                del self.records[user][op.id]
        return None

    def many(self, user: str, ops: list[Operation], bucket: Bucket | None) -> list[Expected]:
        """All of them, or as many as there are tokens for."""
        granted = len(ops) if bucket is None else bucket.granted
        results: list[Expected] = []
        for op in ops[:granted]:
            try:
                results.append(self.do(user, op))
            except StashError as error:
                results.append(error)
        return results + [RateLimited(bucket.retry_after_ms) for _ in ops[granted:] if bucket]

    def spend(self, user: str, spend: Spend, *, some: bool = False) -> Bucket:
        state, bucket = take(self._full_at_us[user], self.now.latest_us, spend, some=some)
        self._full_at_us[user] = state
        return bucket

    def everything(self) -> Iterator[Kept]:
        """The living, and the dead of whom no put has taken the place."""
        for records in self.records.values():
            yield from records.values()

    def live(self, user: str, prefix: str = "") -> dict[str, Kept]:
        """What is alive, in the order of a listing."""
        found = {name: kept for name, kept in self.records[user].items() if name.startswith(prefix)}
        return {name: found[name] for name in sorted(found, key=str.encode) if self.alive(found[name])}

    def delete_prefix(self, user: str, prefix: str) -> int:
        gone = self.live(user, prefix)
        for name in gone:
            del self.records[user][name]
        return len(gone)

    def totals(self, user: str | None = None) -> Totals:
        users = list(self.records) if user is None else [user]
        bodies = [kept.body for name in users for kept in self.live(name).values()]
        return Totals(len(bodies), sum(map(len, bodies)))

    def purged(self, purged: Purged, budget: int) -> Purged:
        """Judges what a purge says that it removed: no more than what died, and about the budget."""
        for kept in self.everything():
            if not self.alive(kept):
                self._count(kept)
        most = self._to_purge
        assert 0 <= purged.memories <= min(most.memories, 2 * budget)
        assert 0 <= purged.bytes <= most.bytes
        assert not purged.more or purged.memories < most.memories
        left = Totals(most.memories - purged.memories, most.bytes - purged.bytes)
        self._to_purge = left if purged.more else Totals(0, 0)
        return purged

    def note(self) -> None:
        """After each step: the figure that the totals of all may show for some seconds, and whom they may forget."""
        self.figures.append((self.now.latest_us, self.totals()))
        since_us = self.now.latest_us - SOME_SECONDS_US
        old = [n for n, (at_us, _) in enumerate(self.figures) if at_us < since_us]
        del self.figures[: old[-1] if old else 0]
        for records in self.records.values():
            if len(records) > REMEMBERED:
                dead = [kept for kept in records.values() if not self.alive(kept)]
                dead.sort(key=lambda kept: kept.earliest_ms, reverse=True)
                for kept in dead:
                    kept.forgettable |= kept.earliest_ms <= dead[min(REMEMBERED, len(dead) - 1)].earliest_ms

    def alive(self, kept: Kept) -> bool:
        dead = self.now.earliest_ms >= kept.latest_ms
        assert dead or self.now.latest_ms < kept.earliest_ms, (
            "the machine may ask nothing that is not decided"
        )
        return not dead

    def _find(self, user: str, id: str) -> Kept | None:
        kept = self.records[user].get(id)
        return kept if kept and self.alive(kept) else None

    def _missing(self, user: str, id: str) -> MemoryMissing:
        kept = self.records[user].get(id)
        if kept is None or self.now.earliest_ms >= kept.latest_ms + DAY:
            return MemoryNotFound()
        return (PerhapsForgotten if kept.forgettable else MemoryExpired)(kept.earliest_ms)

    def _held(self, user: str, id: str, if_version: str | None = None) -> Kept:
        kept = self._find(user, id)
        if kept is None:
            raise self._missing(user, id)
        if if_version is not None and if_version != kept.version.text:
            raise PreconditionFailed()
        return kept

    def _put(self, user: str, op: Put) -> Answer:
        before = self._find(user, op.id)
        version = before.version.text if before else None
        if (op.if_absent and before) or (op.if_version is not None and op.if_version != version):
            raise PreconditionFailed()
        body = b"".join(op.body)
        self._weigh(user, before, len(body), op.caps)
        buried = self.records[user].get(op.id)
        if buried and not before:
            self._count(buried)
        self._lives += 1
        earliest_ms, latest_ms = self.now.earliest_ms + op.ttl_ms, self.now.latest_ms + op.ttl_ms
        life = before.life if before else self._lives
        kept = Kept(body, self._fresh(user, op.id), earliest_ms, latest_ms, life)
        self.records[user][op.id] = kept
        return Answer(kept, created=before is None)

    def _update(self, user: str, op: Update) -> Answer:
        kept = self._held(user, op.id, op.if_version)
        life = {"extra_ms": op.extra_ms, "at_least_ms": op.at_least_ms, "max_ttl_ms": op.max_ttl_ms}
        changed = replace(
            kept,
            earliest_ms=extended(kept.earliest_ms, self.now.earliest_ms, **life),
            latest_ms=extended(kept.latest_ms, self.now.latest_ms, **life),
        )
        if op.body is not None:
            changed.body = b"".join(op.body)
            self._weigh(user, kept, len(changed.body), op.caps)
            changed.version = self._fresh(user, op.id)
        self.records[user][op.id] = changed
        recalls = op.body is None and op.at_least_ms is not None
        return Answer(changed, changed.body if recalls else b"")

    def _weigh(self, user: str, before: Kept | None, size: int, caps: Caps | None) -> None:
        if caps is None:
            return
        now = self.totals(user)
        after = Totals(
            now.memories + (before is None), now.bytes + size - (len(before.body) if before else 0)
        )
        larger = any(a > n for a, n in zip(after, now, strict=True))
        over = any(cap is not None and a > cap for a, cap in zip(after, caps, strict=True))
        if larger and over:
            raise QuotaExceeded()

    def _fresh(self, user: str, id: str) -> Version:
        self.versions[user, id].append(Version())
        return self.versions[user, id][-1]

    def _count(self, dead: Kept) -> None:
        if not dead.counted:
            dead.counted = True
            memories, size = self._to_purge
            self._to_purge = Totals(memories + 1, size + len(dead.body))
