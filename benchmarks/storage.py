"""`make bench-storage`: the backends alone, on bytes, beside diskcache and bare sqlite3."""

import platform
import sqlite3
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from multiprocessing import get_context
from pathlib import Path

from diskcache import Cache

from benchmarks.contest import interleaved, show, show_stall
from stash_memory.backends.base import Put
from stash_memory.backends.sqlite import SqliteBackend

BODY = b"x" * 300
EACH = 2_000
ROUNDS = 15
HOUR_MS = 3_600_000
PROCESS_SECONDS = 2.0


class Bare:
    """sqlite3 with one table and nothing else: what any such store on SQLite has to pay."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS kept (user TEXT, id TEXT, expires_at INT, body BLOB, PRIMARY KEY (user, id))"
        )

    def set(self, key: str, body: bytes) -> None:
        self.db.execute("INSERT OR REPLACE INTO kept VALUES ('usr_a', ?, ?, ?)", (key, time.time_ns(), body))

    def get(self, key: str) -> bytes:
        row = self.db.execute("SELECT body, expires_at FROM kept WHERE user = 'usr_a' AND id = ?", (key,))
        return row.fetchone()[0]


class Peer:
    """diskcache, as it comes."""

    def __init__(self, path: Path) -> None:
        self.cache = Cache(str(path))

    def set(self, key: str, body: bytes) -> None:
        self.cache.set(key, body, expire=3600)

    def get(self, key: str) -> bytes:
        return self.cache.get(key)


class Ours:
    """The sqlite backend."""

    def __init__(self, path: Path) -> None:
        self.backend = SqliteBackend(path)

    def set(self, key: str, body: bytes) -> None:
        self.backend.put("usr_a", key, [body], HOUR_MS)

    def get(self, key: str) -> bytes:
        return b"".join(self.backend.get("usr_a", key).body)


CONTESTANTS = {"stash": Ours, "diskcache": Peer, "sqlite3": Bare}


def one_thread(folder: Path) -> None:
    """Sets and gets of 300 B, one thread."""
    stores = {name: make(folder / f"{name}.one") for name, make in CONTESTANTS.items()}
    keys = [f"key-{number:06}" for number in range(EACH)]

    def sets(store: Ours | Peer | Bare) -> Callable[[], None]:
        return lambda: [store.set(key, BODY) for key in keys] and None

    def gets(store: Ours | Peer | Bare) -> Callable[[], None]:
        return lambda: [store.get(key) for key in keys] and None

    seconds = interleaved({name: sets(store) for name, store in stores.items()}, rounds=ROUNDS)
    show("set 300 B", seconds, each=EACH, ours="stash", bars={"diskcache": 2, "sqlite3": 0.85})
    seconds = interleaved({name: gets(store) for name, store in stores.items()}, rounds=ROUNDS)
    show("get 300 B", seconds, each=EACH, ours="stash", bars={"diskcache": 2})


def pairs(name: str, path: Path, worker: int) -> int:
    """Set and get, again and again, for some seconds; returns how often."""
    store = CONTESTANTS[name](path)
    deadline = time.monotonic() + PROCESS_SECONDS
    for done in count():
        if time.monotonic() > deadline:
            return done
        key = f"{worker}-{done % 1000}"
        store.set(key, BODY)
        store.get(key)
    return 0


def four_processes(folder: Path) -> None:
    """Pairs of set and get from four processes on one file; the mean of three rounds in turn."""
    rates: dict[str, float] = dict.fromkeys(CONTESTANTS, 0)
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        for _ in range(3):
            for name in rates:
                path = folder / f"{name}.four"
                CONTESTANTS[name](path)
                done = sum(pool.map(pairs, [name] * 4, [path] * 4, range(4)))
                rates[name] += done / PROCESS_SECONDS / 3
    seconds = {name: 1 / rate for name, rate in rates.items()}
    show("set and get, 4 processes", seconds, each=1, ours="stash", bars={"diskcache": 1.5})


def filled(path: Path, rows: int) -> SqliteBackend:
    """A backend with so many rows, half of which live an hour, and half three."""
    backend = SqliteBackend(path)
    for start in range(0, rows, 500):
        keys = range(start, start + 500)
        backend.many("usr_a", [Put(f"key-{n:07}", [BODY], HOUR_MS * (1 if n % 2 else 3)) for n in keys])
    return backend


def many_rows(folder: Path) -> None:
    """A get among 10,000 rows and among 1,000,000; then a purge of half of them beside another writer."""
    backends = {rows: filled(folder / f"{rows}.rows", rows) for rows in (10_000, 1_000_000)}

    def gets(backend: SqliteBackend, step: int) -> Callable[[], None]:
        keys = [f"key-{number * step:07}" for number in range(EACH)]
        return lambda: [backend.get("usr_a", key) for key in keys] and None

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
            backend.put("usr_b", f"w{number % 100}", [BODY], HOUR_MS)
            longest = max(longest, time.perf_counter() - began)
        print(f"\nthe purge removed {purge.result():,} rows; the writer's own clearing took the others")
    return longest * 1000


if __name__ == "__main__":
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.machine()}")
    with tempfile.TemporaryDirectory() as name:
        one_thread(Path(name))
        four_processes(Path(name))
        many_rows(Path(name))
