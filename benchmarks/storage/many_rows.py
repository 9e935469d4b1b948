"""The sqlite backend among a million rows, and a writer beside its purge."""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from multiprocessing import get_context
from pathlib import Path

from benchmarks.contest import interleaved, show, show_stall
from benchmarks.storage.contestants import BODY, HOUR_MS
from stash_memory.backends.sqlite import SqliteBackend
from stash_memory.operations import Put, Recall

EACH = 2_000
ROUNDS = 15


def filled(path: Path, rows: int) -> SqliteBackend:
    """A backend with so many rows, half of which live an hour, and half three."""
    backend = SqliteBackend(path)
    for start in range(0, rows, 500):
        keys = range(start, start + 500)
        backend.do("usr_a", [Put(f"key-{n:07}", [BODY], HOUR_MS * (1 if n % 2 else 3)) for n in keys])
    return backend


def many_rows(folder: Path) -> None:
    """A get among 10,000 rows and among 1,000,000; then a purge of half of them beside another writer."""
    backends = {rows: filled(folder / f"{rows}.rows", rows) for rows in (10_000, 1_000_000)}

    def gets(backend: SqliteBackend, step: int) -> Callable[[], None]:
        keys = [f"key-{number * step:07}" for number in range(EACH)]
        return lambda: [backend.do("usr_a", [Recall(key)]) for key in keys] and None

    jobs = {f"{rows:,} rows": gets(backend, rows // EACH) for rows, backend in backends.items()}
    seconds = interleaved(jobs, rounds=ROUNDS)
    show("get among many rows", seconds, each=EACH, ours="1,000,000 rows", bars={"10,000 rows": 0.5})
    for backend in backends.values():
        backend.close()
    longest = longest_wait(folder / "1000000.rows")
    show_stall("another writer's longest wait while 500,000 of 1,000,000 are purged", longest, 150)


def two_hours_later() -> int:
    """A clock by which half of the rows have expired."""
    return time.time_ns() + 2 * HOUR_MS * 1_000_000


def purge_all(path: Path) -> int:
    """Purges until nothing expired is left; returns how many were removed."""
    backend, removed, more = SqliteBackend(path, clock=two_hours_later), 0, True
    while more:
        step = backend.purge(10_000)
        removed, more = removed + step.memories, step.more
    return removed


def longest_wait(path: Path) -> float:
    """The longest of a writer's puts, in milliseconds, while another process purges."""
    backend, longest = SqliteBackend(path, clock=two_hours_later), 0.0
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        purge = pool.submit(purge_all, path)
        for number in count():
            if purge.done():
                break
            began = time.perf_counter()
            backend.do("usr_b", [Put(f"w{number % 100}", [BODY], HOUR_MS)])
            longest = max(longest, time.perf_counter() - began)
        print(f"\nthe purge removed {purge.result():,} rows; the writer's own clearing took the others")
    return longest * 1000
