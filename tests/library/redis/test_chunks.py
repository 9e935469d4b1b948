"""Bodies over 1 MB: pieces that nobody sees before all are there, and that nobody loses while reading."""

import multiprocessing
import os
import random
import signal
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stash_memory.backends.redis import connect
from stash_memory.errors import (
    MemoryMissing,
    PreconditionFailed,
    QuotaExceeded,
    RateLimited,
    StoreUnavailable,
)
from stash_memory.records import Caps
from tests.backends import RedisBackend
from tests.by_method import Get, Put, Update
from tests.contract import works
from tests.contract.cast import ALICE, LONG, content, drained, slow_spend
from tests.servers.redis_server import RedisServer

MB = 1 << 20
TEN_MINUTES = 600_000


def chunk_keys(server: RedisServer) -> dict[bytes, int]:
    """The keys of all chunks, and how many milliseconds they have left."""
    with server.client() as client:
        return {key: client.pttl(key) for key in client.keys("chunk:*")}


def write_for_ever(url: str) -> None:
    """Puts large values of ever another letter, until it is killed."""
    backend = RedisBackend(connect(url))
    for n in range(1_000_000):
        backend.put(ALICE, "plan", [bytes([65 + n % 26]) * (20 * MB)], LONG)


@pytest.fixture
def kill_a_writer(server: RedisServer) -> Callable[[float], None]:
    """Lets a process write, and kills it after so many seconds of it."""

    def kill(seconds: float) -> None:
        child = multiprocessing.get_context("spawn").Process(target=write_for_ever, args=(server.url,))
        child.start()
        deadline = time.monotonic() + 30
        while not chunk_keys(server) and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(seconds)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join(30)
        assert child.exitcode == -signal.SIGKILL

    return kill


@pytest.mark.parametrize("seed", range(4))
def test_the_death_of_a_writer_leaves_no_half_value_and_no_chunk_for_ever(
    server: RedisServer, backend: RedisBackend, kill_a_writer: Callable[[float], None], seed: int
) -> None:
    kill_a_writer(random.Random(seed).uniform(0, 0.2))
    try:
        data = content(backend.get(ALICE, "plan"))
    except MemoryMissing:
        pass
    else:
        works.assert_whole(data)
        assert len(data) == 20 * MB
    left = chunk_keys(server)
    assert left
    assert all(0 < ms <= LONG + TEN_MINUTES for ms in left.values())
    backend.put(ALICE, "plan", [b"z" * 2 * MB], LONG)
    assert content(backend.get(ALICE, "plan")) == b"z" * 2 * MB


def test_what_was_replaced_or_forgotten_stays_for_those_who_read_it(
    server: RedisServer, backend: RedisBackend
) -> None:
    old = bytes(range(256)) * (12 * MB // 256)
    backend.put(ALICE, "plan", [old], LONG)
    first = iter(backend.get(ALICE, "plan").body)
    read = [bytes(next(first))]
    backend.put(ALICE, "plan", [old[::-1]], LONG)
    second = iter(backend.get(ALICE, "plan").body)
    read_second = [bytes(next(second))]
    backend.delete(ALICE, "plan")
    assert b"".join([*read, *first]) == old
    assert b"".join([*read_second, *second]) == old[::-1]
    assert all(0 < ms <= TEN_MINUTES for ms in chunk_keys(server).values())


def test_a_lost_chunk_is_an_error_and_no_shorter_value(server: RedisServer, backend: RedisBackend) -> None:
    backend.put(ALICE, "plan", [b"x" * 3 * MB], LONG)
    body = iter(backend.get(ALICE, "plan").body)
    next(body)
    with server.client() as client:
        [key] = chunk_keys(server)
        client.hdel(key, "5")
    with pytest.raises(StoreUnavailable) as caught:
        b"".join(body)
    assert caught.value.applied is False


@pytest.mark.parametrize("last", [False, True], ids=["in the midst", "at the end"])
def test_chunks_that_were_lost_on_the_way_make_no_record(
    server: RedisServer, backend: RedisBackend, last: bool
) -> None:
    """As when a server fails over in the midst of it, to a replica that has not got them all."""

    class Body(list[bytes]):
        def __iter__(self) -> Iterator[bytes]:
            if not chunk_keys(server):
                return super().__iter__()
            return self.lossy()

        def lossy(self) -> Iterator[bytes]:
            yield b"x" * 2 * MB
            if last:
                yield b"y" * MB
            with server.client() as client:
                [key] = chunk_keys(server)
                client.hdel(key, "3") if last else client.delete(key)
            if not last:
                yield b"y" * MB

    with pytest.raises(StoreUnavailable) as caught:
        backend.put(ALICE, "plan", Body([b"x" * 2 * MB, b"y" * MB]), LONG)
    assert caught.value.applied is False
    with pytest.raises(MemoryMissing):
        backend.get(ALICE, "plan")
    assert not chunk_keys(server)


REFUSED: dict[str, tuple[type[Exception], Callable[[RedisBackend], object]]] = {
    "if_absent": (
        PreconditionFailed,
        lambda backend: backend.put(ALICE, "plan", [b"x" * 9 * MB], LONG, if_absent=True),
    ),
    "if_version": (
        PreconditionFailed,
        lambda backend: backend.update(
            ALICE, "plan", body=[b"x" * 9 * MB], max_ttl_ms=LONG, if_version="0123456789abcdef"
        ),
    ),
    "caps": (
        QuotaExceeded,
        lambda backend: backend.put(ALICE, "two", [b"x" * 9 * MB], LONG, caps=Caps(bytes=9 * MB)),
    ),
    "missing": (
        MemoryMissing,
        lambda backend: backend.update(ALICE, "two", body=[b"x" * 9 * MB], max_ttl_ms=LONG),
    ),
    "spend": (
        RateLimited,
        lambda backend: backend.put(ALICE, "plan", [b"x" * 9 * MB], LONG, spend=slow_spend()),
    ),
}


@pytest.mark.parametrize(("error", "ask"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_write_sends_no_chunk(
    server: RedisServer, backend: RedisBackend, error: type[Exception], ask: Callable[[RedisBackend], object]
) -> None:
    backend.put(ALICE, "plan", [b"1"], LONG)
    drained(backend, ALICE)
    with server.client() as client:
        before = client.info("stats")["total_net_input_bytes"]
        with pytest.raises(error):
            ask(backend)
        assert client.info("stats")["total_net_input_bytes"] - before < 10_000
    assert not chunk_keys(server)


def test_a_write_that_is_overtaken_is_refused_and_clears_its_chunks(
    server: RedisServer, backend: RedisBackend
) -> None:
    """Between the first question and the head, another creates the record: the head's script decides."""

    class Slow(list[bytes]):
        def __iter__(self) -> Iterator[bytes]:
            if chunk_keys(server):
                backend.put(ALICE, "plan", [b"first"], LONG)
            return super().__iter__()

    spend = slow_spend(burst=5)
    with pytest.raises(PreconditionFailed):
        backend.put(ALICE, "plan", Slow([b"x" * 2 * MB]), LONG, if_absent=True, spend=spend)
    assert content(backend.get(ALICE, "plan")) == b"first"
    assert not chunk_keys(server)
    assert spend.bucket is not None
    assert spend.bucket.remaining == 4
    assert backend.spend(ALICE, slow_spend(burst=5)).remaining == 3


def test_large_ones_among_many_fail_alone(server: RedisServer, backend: RedisBackend) -> None:
    large = b"x" * 2 * MB
    results = backend.many(
        ALICE,
        [
            Put("a", [large], LONG),
            Put("a", [large], LONG, if_absent=True),
            Update("none", [large], max_ttl_ms=LONG),
            Put("b", [large], LONG, caps=Caps(memories=1)),
            Get("a"),
        ],
        spend=slow_spend(burst=9, cost=5),
    )
    assert [type(result).__name__ for result in results] == [
        "Record", "PreconditionFailed", "MemoryNotFound", "QuotaExceeded", "Record"
    ]  # fmt: skip
    assert content(results[-1]) == large  # type: ignore[arg-type]
    assert len(chunk_keys(server)) == 1
    assert backend.totals(ALICE) == (1, len(large))


def test_nothing_is_copied_whole(backend: RedisBackend) -> None:
    data = memoryview(bytearray(64 * MB))
    backend.put(ALICE, "warm", [data[: 2 * MB]], LONG)
    tracemalloc.start()
    try:
        backend.put(ALICE, "plan", [data[:1], data[1:]], LONG)
        assert sum(len(piece) for piece in backend.get(ALICE, "plan").body) == 64 * MB
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * MB


@pytest.mark.parametrize("size", [MB, MB + 1, MB + 256 * 1024, 5 * MB + 3])
def test_only_bodies_over_a_megabyte_are_cut(server: RedisServer, backend: RedisBackend, size: int) -> None:
    backend.put(ALICE, "plan", [b"x" * size], LONG)
    with server.client() as client:
        lengths: list[Any] = [client.hlen(key) for key in chunk_keys(server)]
    assert lengths == ([] if size <= MB else [-(-size // (256 * 1024))])
    assert backend.page(ALICE).entries[0].size == size
