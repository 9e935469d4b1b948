"""What a key's scope lets through, over HTTP."""

import httpx2
import pytest

from tests.server_process import ServerProcess


@pytest.fixture(scope="module")
def owner(server: ServerProcess):
    with server.client(server.create_key("scopes@example.com", "--tier", "enterprise")) as client:
        yield client


@pytest.fixture(scope="module")
def reader(server: ServerProcess):
    with server.client(server.create_key("scopes@example.com", "--read-only")) as client:
        yield client


@pytest.fixture(scope="module")
def runner(server: ServerProcess):
    with server.client(server.create_key("scopes@example.com", "--prefix", "run-42/")) as client:
        yield client


def test_a_read_only_key_recalls_and_does_nothing_else(owner: httpx2.Client, reader: httpx2.Client) -> None:
    memory_id = owner.post("/stash", json={"data": "shared"}).json()["memory_id"]

    assert reader.get(f"/recall/{memory_id}").json()["data"] == "shared"
    refused = [
        reader.post("/stash", json={"data": 1}),
        reader.patch(f"/update/{memory_id}", json={"data": 1}),
        reader.delete(f"/forget/{memory_id}"),
        reader.delete("/forget/never-was"),
    ]
    assert [answer.status_code for answer in refused] == [403] * 4
    assert {answer.json()["code"] for answer in refused} == {"scope_denied"}
    assert owner.get(f"/recall/{memory_id}").json()["data"] == "shared"


def test_ids_made_for_a_prefix_key_begin_with_the_prefix(runner: httpx2.Client) -> None:
    memory_id = runner.post("/stash", json={"data": 1}).json()["memory_id"]

    assert memory_id.startswith("run-42/")
    assert len(memory_id) == len("run-42/") + 8
    assert runner.get(f"/recall/{memory_id}").json()["data"] == 1
    assert runner.delete(f"/forget/{memory_id}").status_code == 204


def test_outside_its_prefix_a_key_learns_nothing(owner: httpx2.Client, runner: httpx2.Client) -> None:
    memory_id = owner.post("/stash", json={"data": 1}).json()["memory_id"]

    there, never_was = runner.get(f"/recall/{memory_id}"), runner.get("/recall/never-was")

    assert there.status_code == 403
    assert there.content == never_was.content
