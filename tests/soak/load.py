"""Many clients at once, for a time, and what became of the workers' memory meanwhile."""

import threading
import time
from collections import Counter
from typing import NamedTuple

from tests.server_process import ServerProcess
from tests.soak.client import Client


class Report(NamedTuple):
    """What was done, the longest that anybody waited (seconds), and the workers' bytes after warm-up and at the end."""

    done: Counter[str]
    longest: float
    warm: int
    end: int


def soak(server: ServerProcess, keys: list[str], clients: int, seconds: float) -> Report:
    """Each client works in a folder of its own; neighbours are different users. Raises the first failure.

    Half of the time is warm-up: caches fill, and the allocator learns what it needs.
    """
    stop = threading.Event()
    crowd = [
        Client(server, keys[number % len(keys)], f"soak-{number}/", f"soak-{(number + 1) % clients}/", stop)
        for number in range(clients)
    ]
    began = time.monotonic()
    for client in crowd:
        client.start()
    stop.wait(seconds / 2)
    warm = server.resident()
    stop.wait(max(0, began + seconds - time.monotonic()))
    # Before the clients recall all that they kept, which is another load than this one.
    end = server.resident()
    stop.set()
    for client in crowd:
        client.join()
    for client in crowd:
        if client.failure is not None:
            raise client.failure
    done: Counter[str] = sum((client.done for client in crowd), Counter())
    return Report(done, max(client.longest for client in crowd), warm, end)
