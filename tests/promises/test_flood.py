"""The Flood Test: rate limits are enforced with 429: a burst of 10 on the free tier, then one a second."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx2
import pytest

from tests.server_process import ServerProcess


@pytest.fixture
def free_key(server: ServerProcess, request: pytest.FixtureRequest) -> str:
    """A user of this test alone, on the free tier: 60 a minute, burst 10."""
    return server.create_key(f"{request.node.originalname}@example.com", "--tier", "free")


def test_a_burst_of_ten_then_one_a_second(server: ServerProcess, free_key: str) -> None:
    with server.client(free_key) as free:
        burst = [free.get("/recall/nothing") for _ in range(11)]
        assert [answer.status_code for answer in burst] == [404] * 10 + [429]
        refused = burst[-1]
        assert refused.json()["code"] == "rate_limited"
        assert refused.headers["Retry-After"] == "1"

        for _ in range(3):
            time.sleep(1)
            assert free.get("/recall/nothing").status_code == 404
            assert free.get("/recall/nothing").status_code == 429


def test_fifty_parallel_clients_share_one_bucket_to_the_token(server: ServerProcess, free_key: str) -> None:
    start = Barrier(50)

    def client(_: int) -> list[tuple[float, int]]:
        seen = []
        with server.client(free_key) as free:
            free.get("/health/live")
            start.wait()
            for _ in range(4):
                status = free.post("/stash", json={"data": 1}).status_code
                seen.append((time.monotonic(), status))
        return seen

    with ThreadPoolExecutor(50) as pool:
        began = time.monotonic()
        answers = [answer for seen in pool.map(client, range(50)) for answer in seen]
    took = max(at for at, _ in answers) - began

    counts = Counter(status for _, status in answers)
    assert set(counts) == {201, 429}
    assert 10 <= counts[201] <= 10 + int(took)


def test_two_servers_on_one_store_share_the_bucket_too(server: ServerProcess, free_key: str) -> None:
    other = server.twin().start()
    with server.client(free_key) as here, other.client(free_key) as there:
        here.get("/health/live")
        there.get("/health/live")
        began = time.monotonic()
        statuses = [client.get("/recall/nothing").status_code for _ in range(15) for client in (here, there)]
        took = time.monotonic() - began
    other.stop()

    assert 10 <= statuses.count(404) <= 10 + int(took)
    assert statuses.count(404) + statuses.count(429) == 30


def test_a_request_that_is_refused_for_another_reason_costs_a_token_too(
    server: ServerProcess, free_key: str
) -> None:
    with server.client(free_key) as free:
        for _ in range(10):
            assert free.post("/stash", content=b"not json").status_code == 400
        assert free.post("/stash", content=b"not json").status_code == 429


def test_a_refused_request_writes_nothing(server: ServerProcess, free_key: str) -> None:
    with server.client(free_key) as free:
        memory_id = free.post("/stash", json={"data": "before"}).json()["memory_id"]
        while free.get("/recall/nothing").status_code != 429:
            pass
        assert free.patch(f"/update/{memory_id}", json={"data": "after"}).status_code == 429
        assert free.delete(f"/forget/{memory_id}").status_code == 429
        time.sleep(1)
        assert free.get(f"/recall/{memory_id}").json()["data"] == "before"


def test_every_answer_tells_what_is_left(server: ServerProcess, free_key: str) -> None:
    with server.client(free_key) as free:
        first = free.post("/stash", json={"data": 1})

    assert first.headers["RateLimit-Policy"] == '"requests";q=10;w=10'
    assert first.headers["RateLimit"] == '"requests";r=9;t=1'


def test_a_user_without_a_limit_is_never_refused(alice: httpx2.Client) -> None:
    assert {alice.get("/recall/nothing").status_code for _ in range(100)} == {404}
