"""Crowds that create, change and forget the same few ids while their user moves."""

import itertools
import random
import threading
import time

from stash_memory.backends.base import Backend
from stash_memory.backends.pooled import Stay
from stash_memory.errors import MemoryMissing, PreconditionFailed, QuotaExceeded
from stash_memory.records import Caps
from tests.backends import MemoryBackend, PooledBackend
from tests.contract.cast import ALICE, LONG, ids
from tests.contract.crowd import in_threads

NAMES = [f"{n}" for n in range(4)]
SECONDS = 1.5


def stays(pools: list[Backend], moves_ms: list[int]) -> list[Stay]:
    """Stays in one pool after another."""
    return [Stay(pool, at_ms) for pool, at_ms in zip(pools, [*moves_ms, None], strict=True)]


def test_no_id_is_ever_in_two_pools_and_creators_never_meet() -> None:
    free, pro = MemoryBackend(), MemoryBackend()
    now_ms = time.time_ns() // 1_000_000
    moves = [now_ms + 300, now_ms + 600, now_ms + 900]
    backend = PooledBackend(stays([free, pro, free, pro], moves))
    until = time.monotonic() + SECONDS
    held = {name: threading.Lock() for name in NAMES}

    def work(n: int) -> int:
        """Creates, and forgets what it created: like a lock, an id is never created by two at once."""
        chance = random.Random(n)
        created = 0
        while time.monotonic() < until:
            name = chance.choice(NAMES)
            try:
                version = backend.put(ALICE, name, [b"%d" % n], LONG, if_absent=True).version
            except PreconditionFailed:
                continue
            assert held[name].acquire(blocking=False), "two created it"
            created += 1
            assert backend.get(ALICE, name).version == version
            version = backend.put(ALICE, name, [b"again"], LONG, if_version=version).version
            assert (name in ids(free, ALICE)) + (name in ids(pro, ALICE)) == 1
            held[name].release()
            backend.delete(ALICE, name, if_version=version)
        return created

    assert sum(in_threads(8, work)) > 50
    assert ids(free, ALICE) == ids(pro, ALICE) == []


def test_what_was_kept_is_found_all_along_and_once() -> None:
    free, pro = MemoryBackend(), MemoryBackend()
    move_ms = time.time_ns() // 1_000_000 + 500
    backend = PooledBackend(stays([free, pro], [move_ms]))
    until = time.monotonic() + SECONDS

    def work(n: int) -> list[str]:
        kept: list[str] = []
        while time.monotonic() < until:
            name = f"{n}/{len(kept)}"
            backend.put(ALICE, name, [b"1"], LONG)
            kept.append(name)
            try:
                backend.get(ALICE, random.choice(kept))
            except MemoryMissing as error:
                raise AssertionError(name) from error
        return kept

    kept = sorted(itertools.chain(*in_threads(8, work)))
    assert sorted([*ids(free, ALICE, limit=1000), *ids(pro, ALICE, limit=1000)]) == kept
    assert ids(backend, ALICE, limit=1000) == kept
    assert ids(free, ALICE)
    assert ids(pro, ALICE)


def test_no_crowd_of_creators_passes_the_cap_on_memories() -> None:
    free, pro = MemoryBackend(), MemoryBackend()
    backend = PooledBackend(stays([free, pro], [time.time_ns() // 1_000_000 + 20]))

    def work(n: int) -> None:
        for number in range(20):
            try:
                backend.put(ALICE, f"{n}/{number}", [b"1"], LONG, caps=Caps(memories=50))
            except QuotaExceeded:
                return

    in_threads(16, work)
    assert backend.totals(ALICE).memories == 50
