"""The Extend Test: TTL extension works correctly."""

import time

import httpx2


def stash(client: httpx2.Client, ttl: int) -> str:
    return client.post("/stash", json={"data": "kept", "ttl": ttl}).json()["memory_id"]


def test_extra_seconds_add_to_what_remains(alice: httpx2.Client) -> None:
    memory_id = stash(alice, 100)

    extended = alice.patch(f"/update/{memory_id}", json={"extra_seconds": 1800}).json()

    assert 1895 <= extended["ttl_remaining"] <= 1900
    assert alice.get(f"/recall/{memory_id}").json()["data"] == "kept"


def test_a_life_is_held_to_the_maximum_from_now(server) -> None:
    with server.client() as local:
        memory_id = stash(local, 3600)

        extended = local.patch(f"/update/{memory_id}", json={"extra_seconds": 10**9}).json()

        assert 86_395 <= extended["ttl_remaining"] <= 86_400


def test_an_extended_memory_outlives_its_first_ttl(alice: httpx2.Client) -> None:
    memory_id = stash(alice, 1)
    alice.patch(f"/update/{memory_id}", json={"extra_seconds": 60})
    time.sleep(1.1)

    assert alice.get(f"/recall/{memory_id}").json()["data"] == "kept"


def test_extending_leaves_the_version_as_it_was(alice: httpx2.Client) -> None:
    memory_id = stash(alice, 100)
    before = alice.get(f"/recall/{memory_id}").headers["ETag"]

    assert alice.patch(f"/update/{memory_id}", json={"extra_seconds": 5}).headers["ETag"] == before


def test_reading_does_not_extend(alice: httpx2.Client) -> None:
    memory_id = stash(alice, 2)
    time.sleep(1.1)

    assert alice.get(f"/recall/{memory_id}").json()["ttl_remaining"] == 1
