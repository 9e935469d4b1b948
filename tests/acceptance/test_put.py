"""PUT /stash/ID: the caller's own id."""

import json

import httpx2
import pytest

from tests.raw_http import exchange, head
from tests.server_process import ServerProcess


def test_a_free_id_is_created_and_a_taken_one_replaced(alice: httpx2.Client) -> None:
    created = alice.put("/stash/put/plan", json={"data": 1, "ttl": 60})
    replaced = alice.put("/stash/put/plan", json={"data": 2, "ttl": 30})

    assert (created.status_code, replaced.status_code) == (201, 200)
    assert created.json() == {
        "memory_id": "put/plan",
        "ttl": 60,
        "expires_at": created.json()["expires_at"],
    }
    assert replaced.json()["ttl"] == 30
    assert replaced.headers["ETag"] != created.headers["ETag"]
    assert alice.get("/recall/put/plan").json()["data"] == 2


def test_a_forgotten_id_is_free_again(alice: httpx2.Client) -> None:
    alice.put("/stash/put/again", json={"data": 1})
    alice.delete("/forget/put/again")

    assert alice.put("/stash/put/again", json={"data": 2}).status_code == 201


def test_create_only_refuses_a_taken_id(alice: httpx2.Client) -> None:
    first = alice.put("/stash/put/lock", json={"data": "mine"}, headers={"If-None-Match": "*"})
    second = alice.put("/stash/put/lock", json={"data": "no, mine"}, headers={"If-None-Match": "*"})

    assert (first.status_code, second.status_code) == (201, 412)
    assert second.json()["code"] == "precondition_failed"
    assert "already" in second.json()["detail"]
    assert alice.get("/recall/put/lock").json()["data"] == "mine"


@pytest.mark.parametrize("form", ["{}", "W/{}"])
def test_if_match_replaces_only_that_version(alice: httpx2.Client, form: str) -> None:
    seen = alice.put("/stash/put/cas", json={"data": 1}).headers["ETag"]
    changed = alice.put("/stash/put/cas", json={"data": 2}, headers={"If-Match": form.format(seen)})
    late = alice.put("/stash/put/cas", json={"data": 3}, headers={"If-Match": form.format(seen)})

    assert (changed.status_code, late.status_code) == (200, 412)
    assert alice.get("/recall/put/cas").json()["data"] == 2


def test_if_match_on_an_id_that_is_not_there_is_412(alice: httpx2.Client) -> None:
    answer = alice.put("/stash/put/none", json={"data": 1}, headers={"If-Match": '"5eac2b3eb532cb63"'})

    assert answer.status_code == 412
    assert alice.get("/recall/put/none").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"If-Match": "*"},
        {"If-Match": "5eac2b3eb532cb63"},
        {"If-Match": ""},
        {"If-None-Match": '"5eac2b3eb532cb63"'},
        {"If-Match": '"5eac2b3eb532cb63"', "If-None-Match": "*"},
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(alice: httpx2.Client, headers: dict[str, str]) -> None:
    answer = alice.put("/stash/put/nonsense", json={"data": 1}, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert alice.get("/recall/put/nonsense").status_code == 404


@pytest.mark.parametrize("body", [{"ttl": 60}, {"data": 1, "ttl": 0}, {"data": 1, "extra_seconds": 5}])
def test_a_bad_body_stores_nothing(alice: httpx2.Client, body: dict[str, int]) -> None:
    assert alice.put("/stash/put/bad", json=body).status_code == 400
    assert alice.get("/recall/put/bad").status_code == 404


def test_each_user_has_ids_of_their_own(alice: httpx2.Client, mallory: httpx2.Client) -> None:
    alice.put("/stash/put/ours", json={"data": "hers"})

    assert mallory.put("/stash/put/ours", json={"data": "his"}).status_code == 201
    assert alice.get("/recall/put/ours").json()["data"] == "hers"


def test_the_other_methods_of_an_id_are_405(alice: httpx2.Client) -> None:
    answer = alice.post("/stash/put/post", json={"data": 1})

    assert (answer.status_code, answer.headers["Allow"]) == (405, "PUT")


@pytest.mark.parametrize("path", ["/recall/x?extend=5", "/update/x", "/forget/x", "/stash/x", "/whoami"])
def test_a_wrong_method_is_a_405_whatever_conditions_come_with_it(alice: httpx2.Client, path: str) -> None:
    answer = alice.request("QUERY", path, headers={"If-None-Match": "0", "If-Match": "0"})

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_a_put_with_a_broken_escape_in_its_id_is_refused(server: ServerProcess, alice_key: str) -> None:
    body = b'{"data": 1}'
    answer = exchange(server, head("PUT", "/stash/put/%zz", alice_key, Content_Length=len(body)) + body)

    assert answer.status == 400
    assert json.loads(answer.body)["field"] == "memory_id"
