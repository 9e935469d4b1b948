"""Caps on live memories and bytes: never exceeded, and no longer in the way than what fills them lives."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import httpx2
import pytest

from tests.server_process import ServerProcess

MEMORIES, BYTES = 8, 4_000
WRITERS = 50


def text(size: int) -> str:
    """A string whose JSON text has `size` bytes."""
    return "x" * (size - 2)


def fill(client: httpx2.Client, count: int, size: int = 10, ttl: int = 600) -> None:
    for number in range(count):
        put(client, f"{number}", size, 201, ttl=ttl)


def put(client: httpx2.Client, memory_id: str, size: int, status: int, **fields: Any) -> None:
    answer = client.put(f"/stash/{memory_id}", json={"data": text(size), **fields})
    assert answer.status_code == status, answer.text


def kept(client: httpx2.Client) -> tuple[int, int]:
    """Live memories and bytes, as a listing has them."""
    sizes = [memory["bytes"] for memory in client.get("/stash").json()["memories"]]
    return len(sizes), sum(sizes)


def batch(client: httpx2.Client, **operation: Any) -> tuple[int, dict[str, Any]]:
    [result] = client.post("/batch", json={"operations": [operation]}).json()["results"]
    return result["status"], result["body"]


def assert_full(client: httpx2.Client) -> None:
    """Every way to keep one more is refused, and changes nothing."""
    before = kept(client)
    answers = [
        client.put("/stash/more", json={"data": 1}),
        client.put("/stash/more", json={"data": 1}, headers={"If-None-Match": "*"}),
        client.post("/stash", json={"data": 1}),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (429, "quota_exceeded")
        assert "Retry-After" not in answer.headers, "nobody knows when there will be room"
    for operation in ({"verb": "put", "memory_id": "more"}, {"verb": "stash"}):
        status, body = batch(client, data=1, **operation)
        assert (status, body["code"]) == (429, "quota_exceeded")
    assert kept(client) == before
    assert client.get("/recall/more").status_code == 404


def test_at_the_cap_of_memories_only_what_adds_none_is_written(capped: httpx2.Client) -> None:
    fill(capped, MEMORIES)

    assert_full(capped)

    put(capped, "0", 100, 200)
    assert capped.patch("/update/1", json={"data": text(100), "extra_seconds": 5}).status_code == 200
    assert batch(capped, verb="put", memory_id="2", data=1)[0] == 200


def test_at_the_cap_of_bytes_only_what_adds_none_is_written(capped: httpx2.Client) -> None:
    fill(capped, 4, size=1_000)

    assert_full(capped)

    for answer in (
        capped.patch("/update/0", json={"data": text(1_001)}),
        capped.put("/stash/0", json={"data": text(1_001)}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (429, "quota_exceeded")
    assert batch(capped, verb="update", memory_id="0", data=text(1_001))[0] == 429
    assert capped.get("/recall/0").json()["data"] == text(1_000)
    put(capped, "0", 1_000, 200)
    assert capped.patch("/update/0", json={"data": text(999)}).status_code == 200
    put(capped, "1", 1_001, 200)
    assert kept(capped) == (4, BYTES)


@pytest.mark.parametrize(("count", "size"), [(MEMORIES, 10), (4, 1_000)], ids=["memories", "bytes"])
def test_what_was_forgotten_makes_room_at_once(capped: httpx2.Client, count: int, size: int) -> None:
    fill(capped, count, size)

    capped.delete("/forget/0")
    put(capped, "more", size, 201)
    assert_full_after(capped, size)
    assert batch(capped, verb="forget", memory_id="1")[0] == 204
    assert capped.post("/stash", json={"data": text(size)}).status_code == 201
    assert_full_after(capped, size)
    assert capped.delete("/stash", params={"prefix": "more"}).json() == {"forgotten": 1}
    assert batch(capped, verb="stash", data=text(size))[0] == 201


def assert_full_after(client: httpx2.Client, size: int) -> None:
    assert client.put("/stash/other", json={"data": text(size)}).json()["code"] == "quota_exceeded"


@pytest.mark.parametrize(("count", "size"), [(MEMORIES, 10), (4, 1_000)], ids=["memories", "bytes"])
def test_what_expired_makes_room_at_once(capped: httpx2.Client, count: int, size: int) -> None:
    """No purge comes between: the write itself drains what has expired."""
    fill(capped, count, size, ttl=1)
    time.sleep(1.05)

    fill(capped, count, size)

    assert_full_after(capped, size)


@pytest.mark.parametrize(("count", "size"), [(MEMORIES, 10), (4, 1_000)], ids=["memories", "bytes"])
def test_fifty_writers_at_once_never_exceed_the_cap(
    server: ServerProcess, capped: httpx2.Client, capped_key: str, count: int, size: int
) -> None:
    start = Barrier(WRITERS)
    ways = (
        lambda client, n: client.put(f"/stash/w{n}", json={"data": text(size)}).status_code,
        lambda client, n: client.post("/stash", json={"data": text(size)}).status_code,
        lambda client, n: batch(client, verb="put", memory_id=f"w{n}", data=text(size))[0],
    )

    def writer(number: int) -> int:
        with server.client(capped_key) as client:
            client.get("/health/live")
            start.wait()
            return ways[number % 3](client, number)

    with ThreadPoolExecutor(WRITERS) as pool:
        statuses = Counter(pool.map(writer, range(WRITERS)))

    assert statuses == {201: count, 429: WRITERS - count}
    assert kept(capped) == (count, count * size)
