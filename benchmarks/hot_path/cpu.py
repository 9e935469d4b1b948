"""Which processor runs what, and how much of it a server used."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import psutil


class TooFewCores(Exception):
    """The server and the load generator need a core each; on one, the generator would be measured too."""


def two_cores() -> tuple[int, int]:
    """The server's core, and that of the generator and Redis: not two threads of one core where there are more.

    Raises TooFewCores.
    """
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise TooFewCores(
            "The benchmark needs two cores: one for the server, one for the load generator and Redis."
        )
    server = allowed[0]
    others = [core for core in allowed[1:] if core not in siblings(server)]
    return server, (others or allowed[1:])[0]


def siblings(core: int) -> set[int]:
    """The hardware threads of the same core, itself among them."""
    path = Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list")
    try:
        ranges = path.read_text().strip().split(",")
    except OSError:
        return {core}
    found: set[int] = set()
    for part in ranges:
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


@contextlib.contextmanager
def pinned(core: int) -> Iterator[None]:
    """What this thread starts meanwhile runs on that core alone, for good."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(pid: int) -> float:
    """Seconds of processor time, user's and kernel's, of a process and all of its children; exact to 10 ms each."""
    parent = psutil.Process(pid)
    total = 0.0
    for process in (parent, *parent.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def resident_bytes(pid: int) -> int:
    """Bytes of memory that a process and its children hold."""
    parent = psutil.Process(pid)
    return sum(process.memory_info().rss for process in (parent, *parent.children(recursive=True)))
