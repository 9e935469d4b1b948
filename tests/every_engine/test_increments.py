"""Compare-and-set: no increment is lost, whoever else increments, and no version is seen twice."""

import time

import httpx2

from tests.every_engine.increments import assert_increments_add_up, versions_of
from tests.server_process import ServerProcess


def test_four_processes_of_four_threads_lose_no_increment(server: ServerProcess, key: str) -> None:
    """`make proof` has eight of eight, and 5,000 increments."""
    assert_increments_add_up(server, key, processes=4, threads=4, each=25)


def test_a_version_is_never_seen_twice_across_forget_and_expiry(client: httpx2.Client) -> None:
    seen = versions_of(client, "version", lives=10)
    seen.append(client.put("/stash/version", json={"data": 1, "ttl": 1}).headers["ETag"])
    time.sleep(1.05)
    assert client.get("/recall/version").status_code == 410
    seen += versions_of(client, "version", lives=10)

    assert len(seen) == len(set(seen)) == 61


def test_a_version_from_before_a_forget_or_an_expiry_is_no_condition_that_holds(
    client: httpx2.Client,
) -> None:
    old = client.put("/stash/reborn", json={"data": "old", "ttl": 1}).headers["ETag"]
    time.sleep(1.05)

    assert client.put("/stash/reborn", json={"data": 1}, headers={"If-Match": old}).status_code == 412
    assert client.patch("/update/reborn", json={"data": 1}, headers={"If-Match": old}).status_code == 410
    new = client.put("/stash/reborn", json={"data": "new"}).headers["ETag"]
    client.delete("/forget/reborn")
    assert client.patch("/update/reborn", json={"data": 1}, headers={"If-Match": new}).status_code == 404
    client.put("/stash/reborn", json={"data": "newer"})
    for version in (old, new):
        assert client.delete("/forget/reborn", headers={"If-Match": version}).status_code == 412
        assert client.get("/recall/reborn", headers={"If-None-Match": version}).status_code == 200
