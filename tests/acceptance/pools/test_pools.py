"""Each tier's users have their memories in that tier's pool, and nowhere else."""

import time
from collections.abc import Callable

import pytest

from tests.acceptance.pools.hosted import PERSISTENCE, Hosted


@pytest.mark.parametrize("tier", PERSISTENCE)
def test_a_users_memories_are_in_the_tiers_pool_alone(hosted: Hosted, tier: str) -> None:
    email = f"alone@{tier}.example"
    with hosted.server.client(hosted.server.create_key(email, "--tier", tier)) as client:
        memory_id = client.post("/stash", json={"data": tier}).json()["memory_id"]
        assert client.get(f"/recall/{memory_id}").json()["data"] == tier
        client.put("/stash/mine", json={"data": "mine"})
        results = client.post(
            "/batch",
            json={"operations": [{"verb": "recall", "memory_id": "mine"}, {"verb": "stash", "data": 1}]},
        ).json()["results"]
        assert [result["status"] for result in results] == [200, 201]
        listed = {memory["memory_id"] for memory in client.get("/stash").json()["memories"]}

    user = hosted.user_id(email)
    assert {pool: hosted.ids(pool, user) for pool in hosted.pools} == {
        pool: listed if pool == tier else set() for pool in hosted.pools
    }
    assert len(listed) == 3
    with hosted.broker.client() as client:
        assert client.keys("user:*") == []


def test_a_pool_that_is_down_is_its_users_trouble_alone(own_hosted: Callable[..., Hosted]) -> None:
    hosted = own_hosted()
    keys = {tier: hosted.server.create_key(f"ada@{tier}.example", "--tier", tier) for tier in hosted.pools}
    hosted.pools["pro"].kill()

    statuses = {}
    for tier, key in keys.items():
        with hosted.server.client(key) as client:
            answer = client.post("/stash", json={"data": 1})
            statuses[tier] = answer.status_code
            if tier == "pro":
                assert answer.json()["code"] == "store_unavailable"
                assert answer.json()["applied"] is False
                ready = client.get("/health/ready")
                assert ready.status_code == 200
                assert ready.json() == {
                    "status": "ok",
                    "database": "ok",
                    "store": "ok",
                    "pools": {"free": "ok", "pro": "unavailable", "enterprise": "ok"},
                }
    assert statuses == {"free": 201, "pro": 503, "enterprise": 201}

    run = hosted.server.manage("purge")
    assert run.endswith("2 are alive (2 bytes).")
    figures = hosted.shell("from storage.models import PurgeRun; print(PurgeRun.objects.get().pools['pro'])")
    assert figures == "None"

    hosted.pools["pro"].restart()
    with hosted.server.client(keys["pro"]) as client:
        assert client.post("/stash", json={"data": 1}).status_code == 201
        assert client.get("/health/ready").json()["pools"]["pro"] == "ok"

    for pool in hosted.pools.values():
        pool.kill()
    with hosted.server.client(keys["free"]) as client:
        assert client.get("/health/ready").status_code == 503
        assert client.get("/health/live").status_code == 200


def test_without_its_cache_a_wrong_key_is_refused_soon_and_a_good_one_does_not_notice(hosted: Hosted) -> None:
    with (
        hosted.server.client(hosted.server.create_key("ada@cache.example")) as ada,
        hosted.server.stranger() as stranger,
    ):
        hosted.broker.pause()
        try:
            began = time.monotonic()
            wrong = stranger.get("/recall/x", headers={"X-API-KEY": "sk_live_wrong"})
            seconds = time.monotonic() - began
            right = ada.post("/stash", json={"data": 1})
        finally:
            hosted.broker.resume()

        assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_api_key")
        assert seconds < 2.5
        assert right.status_code == 201
