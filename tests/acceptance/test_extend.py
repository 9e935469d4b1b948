"""GET /recall/ID?extend=SECONDS: a recall that raises the remaining life."""

import httpx2
import pytest

from tests.server_process import ServerProcess


def test_the_life_is_raised_to_at_least_that_many_seconds(alice: httpx2.Client) -> None:
    version = alice.put("/stash/extend/raise", json={"data": "kept", "ttl": 60}).headers["ETag"]

    answer = alice.get("/recall/extend/raise", params={"extend": 600})

    assert answer.json() == {"memory_id": "extend/raise", "ttl_remaining": 600, "data": "kept"}
    assert answer.headers["ETag"] == version
    assert alice.get("/recall/extend/raise").json()["ttl_remaining"] in (599, 600)


def test_a_longer_life_is_left_alone(alice: httpx2.Client) -> None:
    alice.put("/stash/extend/longer", json={"data": 1, "ttl": 600})

    assert alice.get("/recall/extend/longer", params={"extend": 1}).json()["ttl_remaining"] in (599, 600)


def test_an_extension_is_held_to_the_maximum(server: ServerProcess) -> None:
    with server.client(server.create_key("extend-max@example.com", "--tier", "free")) as client:
        client.put("/stash/plan", json={"data": 1, "ttl": 60})

        assert client.get("/recall/plan", params={"extend": 999_999_999}).json()["ttl_remaining"] == 3600


def test_what_is_not_there_is_not_extended(alice: httpx2.Client) -> None:
    assert alice.get("/recall/extend/none", params={"extend": 60}).status_code == 404


def test_an_unchanged_memory_is_extended_and_answers_304(alice: httpx2.Client) -> None:
    version = alice.put("/stash/extend/same", json={"data": 1, "ttl": 60}).headers["ETag"]

    answer = alice.get("/recall/extend/same", params={"extend": 600}, headers={"If-None-Match": version})

    assert (answer.status_code, answer.content) == (304, b"")
    assert alice.get("/recall/extend/same").json()["ttl_remaining"] in (599, 600)


def test_a_read_only_key_extends_nothing(server: ServerProcess) -> None:
    email = "extend-reader@example.com"
    with server.client(server.create_key(email)) as owner:
        owner.put("/stash/plan", json={"data": 1, "ttl": 60})
    with server.client(server.create_key(email, "--read-only")) as reader:
        assert reader.get("/recall/plan", params={"extend": 600}).json()["code"] == "scope_denied"
        assert reader.get("/recall/plan").json()["ttl_remaining"] <= 60


@pytest.mark.parametrize("extend", ["0", "-5", "1.5", "ten", "", "1e3", "९", " 5", "+5"])
def test_a_bad_extend_is_refused(alice: httpx2.Client, extend: str) -> None:
    answer = alice.get("/recall/extend/raise", params={"extend": extend})

    assert (answer.status_code, answer.json()["field"]) == (400, "extend")
