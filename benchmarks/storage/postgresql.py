"""One user of PostgreSQL who owns every row, and writes in three ways while what expired is purged."""

import os
import time
from collections.abc import Callable
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg

from benchmarks.contest import show_stall

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from stash_memory.operations import Operation, Put
from stash_memory.records import Bounds, Caps
from storage.database import DatabaseBackend
from tests.contract import databases

ROWS = 50_000
BODY = b"x" * 300
HOUR_MS = 3_600_000
CAPS = Caps(10 * ROWS, 1 << 40)
BAR_MS = 150
ALONE_SECONDS = 5

# As if they had run out one after the other within the last second.
EXPIRE = (
    b"UPDATE memories_record SET expires_at_ms"
    b" = CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 - random() * 1000 AS bigint) WHERE id LIKE 'old-%'"
)

BOUNDS = Bounds(caps=CAPS)

WAYS: dict[str, Callable[[int], Operation]] = {
    "puts": lambda n: Put(f"new-{n % 100}", [BODY], HOUR_MS),
    "puts with caps": lambda n: Put(f"cap-{n % 100}", [BODY], HOUR_MS, bounds=BOUNDS),
    "puts over expired records": lambda n: Put(f"old-{n % ROWS}", [BODY], HOUR_MS),
}


def opened(url: str) -> DatabaseBackend:
    """A backend on the database, in this process."""
    databases.ready()
    return DatabaseBackend(databases.kept_postgres(url, "benchmark"))


def write(url: str, way: str, orders: Connection) -> None:
    """Writes without a pause; each order is answered with the longest wait since the one before, in milliseconds."""
    backend, longest = opened(url), 0.0
    for number in count():
        began = time.perf_counter()
        backend.do("usr_a", [WAYS[way](number)])
        longest = max(longest, time.perf_counter() - began)
        if orders.poll():
            if not orders.recv():
                return
            orders.send(longest * 1000)
            longest = 0.0


def purge(url: str, done: Connection) -> None:
    """Purges all there is; sends how many records that were, and seconds."""
    backend, removed, more = opened(url), 0, True
    began = time.perf_counter()
    while more:
        step = backend.purge(10_000)
        removed, more = removed + step.memories, step.more
    done.send((removed, time.perf_counter() - began))


def fill(url: str) -> None:
    """Fifty thousand records of one user, all of them just expired."""
    backend = opened(url)
    backend.do("usr_a", [Put("counted", [BODY], HOUR_MS, bounds=BOUNDS)])
    for start in range(0, ROWS, 500):
        backend.do("usr_a", [Put(f"old-{n}", [BODY], HOUR_MS) for n in range(start, start + 500)])
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(EXPIRE)
        db.execute("VACUUM ANALYZE memories_record")


def one_users_purge(folder: Path) -> None:
    """Prints each writer's longest wait alone with the other writers, and beside the purge."""
    databases.ready()
    url = databases.postgres_url()
    fill(url)
    spawn = get_context("spawn")
    writers, processes = {}, []
    for way in WAYS:
        writers[way], theirs = spawn.Pipe()
        processes.append(spawn.Process(target=write, args=(url, way, theirs)))
    done, theirs = spawn.Pipe()
    purger = spawn.Process(target=purge, args=(url, theirs))
    for process in processes:
        process.start()

    def longest_ms() -> dict[str, float]:
        for orders in writers.values():
            orders.send(True)
        return {way: orders.recv() for way, orders in writers.items()}

    longest_ms()
    time.sleep(ALONE_SECONDS)
    alone = longest_ms()
    purger.start()
    removed, seconds = done.recv()
    beside = longest_ms()
    for orders in writers.values():
        orders.send(False)
    for process in (purger, *processes):
        process.join()
    print(f"\na purge of {removed:,} of one user's records took {seconds:.1f} s")
    for way, longest in beside.items():
        show_stall(f"{way}: the longest wait, {alone[way]:.0f} ms without the purge", longest, BAR_MS)
