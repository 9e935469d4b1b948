"""The Expiry Test: data disappears after its TTL."""

import time
from datetime import datetime

import httpx2


def test_a_memory_is_there_until_its_ttl_runs_out_and_gone_from_then_on(alice: httpx2.Client) -> None:
    before = time.time()
    memory = alice.post("/stash", json={"data": "brief", "ttl": 1}).json()
    after = time.time()

    while time.time() < before + 0.9:
        recalled = alice.get(f"/recall/{memory['memory_id']}")
        assert recalled.status_code == 200
        assert recalled.json()["ttl_remaining"] == 1
        time.sleep(0.05)
    time.sleep(max(0, after + 1 - time.time()))

    gone = alice.get(f"/recall/{memory['memory_id']}")
    assert gone.status_code == 410
    assert gone.json()["code"] == "memory_expired"
    assert gone.json()["expired_at"] == memory["expires_at"]
    assert "brief" not in gone.text


def test_an_expired_memory_can_be_neither_updated_nor_forgotten(alice: httpx2.Client) -> None:
    memory_id = alice.post("/stash", json={"data": "brief", "ttl": 1}).json()["memory_id"]
    time.sleep(1.05)

    assert alice.patch(f"/update/{memory_id}", json={"extra_seconds": 60}).status_code == 410
    assert alice.delete(f"/forget/{memory_id}").status_code == 410


def test_nobody_else_is_told_that_a_memory_expired(alice: httpx2.Client, mallory: httpx2.Client) -> None:
    memory_id = alice.post("/stash", json={"data": "brief", "ttl": 1}).json()["memory_id"]
    time.sleep(1.05)

    assert mallory.get(f"/recall/{memory_id}").status_code == 404


def test_the_answer_says_when_it_will_expire(alice: httpx2.Client) -> None:
    memory = alice.post("/stash", json={"data": 1, "ttl": 100}).json()

    expires_at = datetime.fromisoformat(memory["expires_at"]).timestamp()
    assert memory["expires_at"].endswith("Z")
    assert memory["ttl"] == 100
    assert 97 <= expires_at - time.time() <= 100


def test_without_a_ttl_the_default_one_starts(server) -> None:
    with server.client() as local:
        assert local.post("/stash", json={"data": 1}).json()["ttl"] == 3600
