"""The sqlite backend beside diskcache and bare sqlite3: one thread, and four processes."""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from multiprocessing import get_context
from pathlib import Path

from benchmarks.contest import interleaved, show
from benchmarks.storage.contestants import BODY, CONTESTANTS, Bare, Ours, Peer

EACH = 2_000
ROUNDS = 15
PROCESS_SECONDS = 2.0


def one_thread(folder: Path) -> None:
    """Sets and gets of 300 B, one thread."""
    stores = {name: make(folder / f"{name}.one") for name, make in CONTESTANTS.items()}
    keys = [f"key-{number:06}" for number in range(EACH)]

    def sets(store: Ours | Peer | Bare) -> Callable[[], None]:
        return lambda: [store.set(key, BODY) for key in keys] and None

    def gets(store: Ours | Peer | Bare) -> Callable[[], None]:
        return lambda: [store.get(key) for key in keys] and None

    seconds = interleaved({name: sets(store) for name, store in stores.items()}, rounds=ROUNDS)
    show(
        "set 300 B", seconds, each=EACH, ours="stash", bars={"diskcache": 2, "sqlite3": 0.85}, floor="sqlite3"
    )
    seconds = interleaved({name: gets(store) for name, store in stores.items()}, rounds=ROUNDS)
    show("get 300 B", seconds, each=EACH, ours="stash", bars={"diskcache": 2}, floor="sqlite3")


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
