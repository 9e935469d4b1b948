"""The store fails under a running server: requests say so in time, and work again when it is back."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.acceptance.test_headers import PROTECTION
from tests.server_process import ServerProcess
from tests.servers.postgres_server import PostgresServer
from tests.servers.redis_server import RedisServer

Servers = Callable[..., ServerProcess]
WITHIN_SECONDS = 2.5  # 2 s for the store's answer, and what a busy machine adds


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


def timed(client: httpx2.Client, method: str, path: str, **options: object) -> tuple[httpx2.Response, float]:
    began = time.monotonic()
    return client.request(method, path, **options), time.monotonic() - began


def test_a_killed_redis_is_a_503_and_works_again_when_it_is_back(
    own_server: Servers, redis: RedisServer
) -> None:
    server = own_server(STASH_BACKEND="redis", REDIS_URL=redis.url)
    with server.client() as local:
        assert local.post("/stash", json={"data": 1}).status_code == 201
        redis.kill()
        for method, path, body in [("POST", "/stash", {"data": 1}), ("GET", "/recall/x", None)]:
            answer, seconds = timed(local, method, path, json=body)
            assert answer.status_code == 503
            assert answer.json()["code"] == "store_unavailable"
            assert answer.json()["applied"] is False
            assert int(answer.headers["Retry-After"]) >= 1
            assert {name: answer.headers[name] for name in PROTECTION} == PROTECTION
            assert seconds < WITHIN_SECONDS
        assert local.get("/health/ready").status_code == 503
        assert local.get("/health/live").status_code == 200

        redis.restart()

        assert local.post("/stash", json={"data": 2}).status_code == 201
        assert local.get("/health/ready").status_code == 200


def test_a_frozen_redis_frees_every_thread_within_2_seconds(own_server: Servers, redis: RedisServer) -> None:
    server = own_server(STASH_BACKEND="redis", REDIS_URL=redis.url)
    with server.client() as local:
        memory_id = local.post("/stash", json={"data": "kept"}).json()["memory_id"]
        redis.pause()
        write, seconds = timed(local, "PATCH", f"/update/{memory_id}", json={"data": "perhaps"})
        assert (write.status_code, write.json()["applied"]) == (503, "unknown")
        assert seconds < WITHIN_SECONDS
        began = time.monotonic()
        while time.monotonic() < began + 10:
            with ThreadPoolExecutor(4) as pool:
                asked = [pool.submit(timed, local, "GET", f"/recall/{memory_id}") for _ in range(4)]
            assert {answer.result()[0].status_code for answer in asked} == {503}
            assert max(answer.result()[1] for answer in asked) < WITHIN_SECONDS

        redis.resume()

        first, seconds = timed(local, "GET", f"/recall/{memory_id}")
        assert first.status_code == 200
        assert seconds < 1


def test_a_full_redis_refuses_writes_and_lets_recall_and_forget_through(own_server: Servers) -> None:
    redis = RedisServer(maxmemory="8mb", maxmemory_policy="noeviction")
    server = own_server(STASH_BACKEND="redis", REDIS_URL=redis.url)
    limited = server.create_key("free@example.com", "--tier", "pro")
    try:
        with server.client(limited) as client:
            kept = []
            while (answer := client.post("/stash", json={"data": "x" * 500_000})).status_code == 201:
                kept.append(answer.json()["memory_id"])
            assert answer.status_code == 507
            assert answer.json()["code"] == "store_full"
            assert client.get(f"/recall/{kept[0]}").status_code == 200
            assert client.delete(f"/forget/{kept[0]}").status_code == 204
            assert client.delete(f"/forget/{kept[1]}").status_code == 204
            assert client.post("/stash", json={"data": "x" * 500_000}).status_code == 201
    finally:
        redis.stop()


def test_a_restarted_postgresql_keeps_what_was_acknowledged(
    own_server: Servers, postgres: PostgresServer
) -> None:
    server = own_server(STASH_BACKEND="database", DATABASE_URL=postgres.create_database())
    with server.client() as local:
        kept = {local.post("/stash", json={"data": n}).json()["memory_id"]: n for n in range(50)}
        postgres.stop()
        answer, seconds = timed(local, "GET", f"/recall/{next(iter(kept))}")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert seconds < WITHIN_SECONDS

        postgres.restart()

        assert {key: local.get(f"/recall/{key}").json()["data"] for key in kept} == kept
