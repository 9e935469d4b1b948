"""What each tier promises of a memory when its Redis is killed and started again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx2
import pytest

from tests.acceptance.pools.hosted import Hosted
from tests.servers.process import wait_until
from tests.servers.redis_server import RedisServer
from tests.servers.sentinel import SentinelServers


@contextmanager
def user(hosted: Hosted, tier: str, name: str) -> Iterator[httpx2.Client]:
    with hosted.server.client(hosted.server.create_key(f"{name}@{tier}.example", "--tier", tier)) as client:
        yield client


def kept(client: httpx2.Client, data: str) -> str:
    answer = client.post("/stash", json={"data": data})
    assert answer.status_code == 201
    return answer.json()["memory_id"]


def powered_off_and_on(redis: RedisServer) -> None:
    """kill -9, and the next start."""
    redis.kill()
    redis.restart()


def test_free_keeps_nothing(hosted: Hosted) -> None:
    with user(hosted, "free", "kill") as client:
        memory_id = kept(client, "gone")
        powered_off_and_on(hosted.pools["free"])

        assert client.get(f"/recall/{memory_id}").status_code == 404
        assert client.get(f"/recall/{kept(client, 'again')}").json()["data"] == "again"


def test_pro_keeps_what_the_last_snapshot_has(hosted: Hosted) -> None:
    pool = hosted.pools["pro"]
    with user(hosted, "pro", "kill") as client:
        memory_id = kept(client, "kept")
        with pool.client() as redis:
            wait_until(lambda: redis.info("persistence")["rdb_changes_since_last_save"] == 0, seconds=30)
            wait_until(lambda: not redis.info("persistence")["rdb_bgsave_in_progress"], seconds=30)
            redis.config_set("save", "")
        late = kept(client, "after the snapshot")
        powered_off_and_on(pool)

        assert client.get(f"/recall/{memory_id}").json()["data"] == "kept"
        assert client.get(f"/recall/{late}").status_code == 404


def test_enterprise_keeps_what_was_acknowledged(hosted: Hosted) -> None:
    with user(hosted, "enterprise", "kill") as client:
        ids = [kept(client, "kept") for _ in range(20)]
        large = client.post("/stash", json={"data": "x" * 2_000_000}).json()["memory_id"]
        client.patch(f"/update/{ids[0]}", json={"data": "changed"})
        client.delete(f"/forget/{ids[1]}")
        powered_off_and_on(hosted.pools["enterprise"])

        assert client.get(f"/recall/{ids[0]}").json()["data"] == "changed"
        assert client.get(f"/recall/{ids[1]}").status_code == 404
        assert {client.get(f"/recall/{one}").json()["data"] for one in ids[2:]} == {"kept"}
        assert len(client.get(f"/recall/{large}").json()["data"]) == 2_000_000


@pytest.fixture
def sentinel() -> Iterator[SentinelServers]:
    servers = SentinelServers(patience_ms=500)
    yield servers
    servers.stop()


def test_enterprise_survives_its_primary(
    own_hosted: Callable[..., Hosted], sentinel: SentinelServers
) -> None:
    hosted = own_hosted(REDIS_URL_ENTERPRISE=sentinel.url)
    with user(hosted, "enterprise", "primary") as client:
        memory_id = kept(client, "kept")
        user_id = hosted.user_id("primary@enterprise.example")
        with sentinel.replica.client() as replica:
            wait_until(lambda: bool(replica.exists(f"user:{{{user_id}}}:{memory_id}")), seconds=20)
        sentinel.primary.kill()
        wait_until(lambda: sentinel.named() == sentinel.replica.port, seconds=30)
        wait_until(lambda: client.get(f"/recall/{memory_id}").status_code == 200, seconds=30)

        assert client.get(f"/recall/{memory_id}").json()["data"] == "kept"
        wait_until(lambda: client.post("/stash", json={"data": 1}).status_code == 201, seconds=30)
