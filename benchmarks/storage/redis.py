"""100 MB in and out of Redis, beside another client's small GETs: how long one of those has to wait."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.contest import show_stall
from stash_memory.backends.redis import RedisBackend, connect
from stash_memory.operations import Put, Recall
from tests.servers.redis_server import RedisServer

SIZE = 100 << 20
ROUNDS = 7
HOUR_MS = 3_600_000
BAR_MS = 15

# The other client asks a thousand times a second: often enough to meet every stall, and the machine is left to others.
PAUSE_SECONDS = 0.001


def watch(port: int, orders: Connection) -> None:
    """GETs a small value again and again; each order is answered with the longest wait since the one before."""
    import redis

    with redis.Redis(port=port) as client:
        client.set("small", b"x" * 300)
        longest = 0.0
        while True:
            began = time.perf_counter()
            client.get("small")
            longest = max(longest, time.perf_counter() - began)
            if orders.poll():
                if not orders.recv():
                    return
                orders.send(longest)
                longest = 0.0
            time.sleep(PAUSE_SECONDS)


@contextmanager
def watcher(port: int) -> Iterator[Callable[[], float]]:
    """Another process that does; calling what it gives returns milliseconds."""
    ours, theirs = Pipe()
    process = get_context("spawn").Process(target=watch, args=(port, theirs))
    process.start()

    def longest_ms() -> float:
        ours.send(True)
        longest: float = ours.recv()
        return longest * 1000

    try:
        yield longest_ms
    finally:
        ours.send(False)
        process.join()


def stalls(folder: Path) -> None:
    """Prints the longest wait of a small GET while nobody else asks, and beside a plain SET and GET, and ours."""
    server = RedisServer()
    backend = RedisBackend(connect(server.url))
    value = b"x" * SIZE

    def recall() -> None:
        [found] = backend.do("usr_a", [Recall("large")])
        for part in found.body:
            len(part)

    with server.client(socket_timeout=60) as plain:
        jobs: dict[str, Callable[[], object]] = {
            "nothing": lambda: time.sleep(0.2),
            "a plain SET of 100 MB": lambda: plain.set("plain", value),
            "a plain GET of 100 MB": lambda: plain.get("plain"),
            "a stash of 100 MB": lambda: backend.do("usr_a", [Put("large", [value], HOUR_MS)]),
            "a recall of 100 MB": recall,
        }
        waits: dict[str, list[float]] = {name: [] for name in jobs}
        with watcher(server.port) as longest_ms:
            for _ in range(ROUNDS):
                for name, job in jobs.items():
                    longest_ms()
                    job()
                    waits[name].append(longest_ms())
    backend.close()
    server.stop()
    print(f"\na small GET's longest wait beside another client; of {ROUNDS} rounds the median, and the worst")
    for name, each in waits.items():
        print(f"  {name:<24} {statistics.median(each):8.1f} ms {max(each):8.1f} ms")
    for name in ("a stash of 100 MB", "a recall of 100 MB"):
        show_stall(f"beside {name}", statistics.median(waits[name]), BAR_MS)
