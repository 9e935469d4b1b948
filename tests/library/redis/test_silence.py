"""A frozen Redis holds up one thread of a process, and not all of them; the first that comes after it, works."""

import threading
import time
from collections.abc import Callable

import pytest

from stash_memory.errors import StoreUnavailable
from tests.backends import RedisBackend
from tests.contract.cast import ALICE, LONG, content
from tests.servers.redis_server import RedisServer

THREADS = 8


def seconds_of(work: Callable[[], object]) -> float:
    """How long it took to be told that the store is not there, and that nothing was applied."""
    began = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        work()
    assert caught.value.applied is False
    return time.monotonic() - began


def test_while_it_is_silent_one_at_a_time_asks_and_nobody_waits_long(
    own_server: Callable[..., RedisServer], opened: Callable[..., RedisBackend]
) -> None:
    server = own_server()
    backend = opened(server.url)
    backend.put(ALICE, "plan", [b"1"], LONG)
    server.pause()
    with pytest.raises(StoreUnavailable):
        backend.get(ALICE, "plan")
    waited: list[float] = []

    def write() -> None:
        waited.append(seconds_of(lambda: backend.put(ALICE, "plan", [b"2"], LONG)))

    threads = [threading.Thread(target=write) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.resume()

    assert len(waited) == THREADS
    # One of them makes a connection, which waits for a greeting; the others are told so at once.
    assert sorted(waited)[-2] < 0.7
    assert content(backend.get(ALICE, "plan")) == b"1", "nothing was sent, so nothing comes late"


def test_one_slow_answer_is_forgotten_with_the_next_quick_one(
    own_server: Callable[..., RedisServer], opened: Callable[..., RedisBackend]
) -> None:
    server = own_server()
    backend = opened(server.url, socket_timeout=0.2)
    backend.put(ALICE, "plan", [b"1"], LONG)
    server.pause()
    with pytest.raises(StoreUnavailable):
        backend.get(ALICE, "plan")
    server.resume()

    for _ in range(3):
        assert content(backend.get(ALICE, "plan")) == b"1"
