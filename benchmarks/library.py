"""`make bench-storage`, its second half: the library through its public methods, beside diskcache and bare httpx2."""

import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
from diskcache import Cache

from benchmarks.contest import Job, interleaved, show
from stash_memory import Stash
from tests.server_process import ServerProcess

# 300 bytes of JSON text.
DATA = {
    "task": "summarize",
    "progress": 0.5,
    "steps": [{"n": n, "name": f"step {n}", "done": n % 2 == 0} for n in range(5)],
    "context": "x" * 45,
    "tags": ["a", "b", "c"],
}
EACH = 1_000
REQUESTS = 200
ROUNDS = 21


def each(act: Callable[[str], object], keys: list[str]) -> Job:
    """The job of doing `act` with each of the keys."""

    def job() -> None:
        for key in keys:
            act(key)

    return job


def embedded(folder: Path) -> None:
    """A dict of 300 B, set and got on SQLite, one thread."""
    keys = [f"key-{number:06}" for number in range(EACH)]
    with Stash(path=folder / "memories.db") as stash, Cache(str(folder / "diskcache")) as cache:
        sets = {
            "stash": each(lambda key: stash.set(key, DATA, ttl=3600), keys),
            "diskcache": each(lambda key: cache.set(key, DATA, expire=3600), keys),
        }
        show(
            "embedded: set a dict of 300 B",
            interleaved(sets, rounds=ROUNDS),
            each=EACH,
            ours="stash",
            bars={"diskcache": 1.7},
        )
        assert stash.get(keys[0]) == cache.get(keys[0]) == DATA
        gets = {"stash": each(stash.get, keys), "diskcache": each(cache.get, keys)}
        show(
            "embedded: get a dict of 300 B",
            interleaved(gets, rounds=ROUNDS),
            each=EACH,
            ours="stash",
            bars={"diskcache": 1.1},
        )


def hosted(folder: Path) -> None:
    """The client's CPU for a get of 300 B from a server on this machine; a bare GET of httpx2 is the peer."""
    server = ServerProcess(folder / "server").start()
    try:
        with Stash(api_key=server.key, base_url=server.url) as stash, server.client() as bare:
            stash.set("key", DATA)
            assert bare.get("/recall/key").json()["data"] == stash.get("key") == DATA
            keys = ["key"] * REQUESTS
            gets = {
                "stash": each(stash.get, keys),
                "bare GET": each(lambda key: bare.get("/recall/key"), keys),
                "GET and json()": each(lambda key: bare.get("/recall/key").json(), keys),
            }
            seconds = interleaved(gets, rounds=ROUNDS, clock=time.process_time)
            # At most 1.3 times the CPU is at least 0.77 times as fast.
            show(
                "hosted: client CPU of a get of 300 B",
                seconds,
                each=REQUESTS,
                ours="stash",
                bars={"bare GET": 1 / 1.3},
            )
    finally:
        server.stop()


if __name__ == "__main__":
    print(f"Python {platform.python_version()}, httpx2 {httpx2.__version__}, {platform.machine()}")
    with tempfile.TemporaryDirectory() as name:
        embedded(Path(name))
        hosted(Path(name))
