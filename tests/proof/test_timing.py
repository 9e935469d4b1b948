"""A foreign memory and one that never was cannot be told apart by time. Run by `make proof`.

Requests for the two are made in pairs, in random order, so that whatever else the machine does meets both alike. Were
they the same, the foreign one would be the slower of its pair half of the time: of 2,000 pairs 1,000, give or take
22 (one standard deviation). The bound is six times that, which chance passes once in 500 million runs. Whether so
coarse a measure sees anything is shown by the recall of a larger memory of one's own.
"""

import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx2
import pytest

from tests.server_process import ServerProcess
from tests.servers import shared

PAIRS = 2_000
BOUND = 6 * 0.5 / PAIRS**0.5


def slower(one: Callable[[], object], other: Callable[[], object], pairs: int = PAIRS) -> tuple[float, float]:
    """How often `one` is the slower of its pair (0 to 1), and by how many microseconds their medians differ."""
    # Each is the first of its pair as often as the other.
    foremost = [True, False] * (pairs // 2)
    random.Random(1).shuffle(foremost)
    times: dict[bool, list[float]] = {True: [], False: []}
    for before in foremost:
        for first in (before, not before):
            began = time.perf_counter()
            (one if first else other)()
            times[first].append(time.perf_counter() - began)
    share = sum(a > b for a, b in zip(times[True], times[False], strict=True)) / pairs
    return share, (statistics.median(times[True]) - statistics.median(times[False])) * 1e6


@pytest.mark.parametrize("engine", ["sqlite", "redis", "postgres"])
def test_whose_a_memory_is_or_whether_it_ever_was_cannot_be_told_by_time(tmp_path: Path, engine: str) -> None:
    server = ServerProcess(tmp_path, STASH_USAGE="off", **shared.settings_of(engine)).start()
    try:
        keys = [server.create_key(f"{name}@example.com", "--tier", "enterprise") for name in ("a", "m")]
        with server.client(keys[0]) as alice, server.client(keys[1]) as mallory:
            for size, name in ((20_000, "large"), (1, "small")):
                alice.put(f"/stash/foreign/{name}", json={"data": "x" * size})
            mallory.put("/stash/own", json={"data": "x" * 500_000})
            asks: dict[str, Callable[[httpx2.Client, str], httpx2.Response]] = {
                "recall": lambda client, name: client.get(f"/recall/{name}"),
                "update": lambda client, name: client.patch(f"/update/{name}", json={"data": 1}),
                "forget": lambda client, name: client.delete(f"/forget/{name}"),
            }
            for verb, name in (
                ("recall", "small"),
                ("recall", "large"),
                ("update", "large"),
                ("forget", "large"),
            ):
                ask = asks[verb]
                share, us = slower(
                    partial(ask, mallory, f"foreign/{name}"), partial(ask, mallory, "foreign/never")
                )
                print(
                    f"\n{engine}: {verb}: a {name} foreign one is slower in {share:.1%} of pairs, {us:+.1f} us"
                )
                assert abs(share - 0.5) < BOUND
            own, never = (partial(mallory.get, f"/recall/{name}") for name in ("own", "foreign/never"))
            share, us = slower(own, never, PAIRS // 10)
            print(f"\n{engine}: recall: one's own of 500 KB is slower in {share:.1%} of pairs, {us:+.1f} us")
            assert share - 0.5 > BOUND, "the measure sees nothing"
    finally:
        server.stop()
