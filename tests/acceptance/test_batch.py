"""POST /batch: many operations in one request, each answered as its own request would have been."""

import json
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.acceptance.batch import batch
from tests.server_process import ServerProcess


def test_the_five_verbs_in_one_request(alice: httpx2.Client) -> None:
    stashed, created, replaced, recalled, updated, forgotten, missed = batch(
        alice,
        {"verb": "stash", "data": [1], "ttl": 60},
        {"verb": "put", "memory_id": "batch/plan", "data": 1},
        {"verb": "put", "memory_id": "batch/plan", "data": {"b": 1.0, "a": None}, "ttl": 60},
        {"verb": "recall", "memory_id": "batch/plan"},
        {"verb": "update", "memory_id": "batch/plan", "extra_seconds": 60},
        {"verb": "forget", "memory_id": "batch/plan"},
        {"verb": "recall", "memory_id": "batch/plan"},
    )

    assert (stashed["status"], stashed["body"]["ttl"]) == (201, 60)
    assert alice.get(f"/recall/{stashed['body']['memory_id']}").json()["data"] == [1]
    assert (created["status"], replaced["status"]) == (201, 200)
    assert recalled["body"].pop("ttl_remaining") in (59, 60)
    assert recalled == {
        "status": 200,
        "etag": replaced["etag"],
        "body": {"memory_id": "batch/plan", "data": {"b": 1.0, "a": None}},
    }
    assert (updated["status"], updated["etag"]) == (200, replaced["etag"])
    assert updated["body"]["ttl_remaining"] in (119, 120)
    assert forgotten == {"status": 204, "body": None}
    assert (missed["status"], missed["body"]["code"]) == (404, "memory_not_found")


def test_a_body_is_what_the_single_request_would_have_answered(alice: httpx2.Client) -> None:
    alice.put("/stash/batch/same", json={"data": 1})
    single = [
        alice.get("/recall/batch/same"),
        alice.get("/recall/batch/none"),
        alice.patch("/update/batch/same", json={}),
        alice.patch("/update/batch/same", json={"extra_seconds": 0}),
        alice.put("/stash/batch/same", json={"data": 1}, headers={"If-None-Match": "*"}),
        alice.delete("/forget/batch/none"),
        alice.post("/stash", json={"data": "x", "ttl": 10**9}),
    ]

    together = batch(
        alice,
        {"verb": "recall", "memory_id": "batch/same"},
        {"verb": "recall", "memory_id": "batch/none"},
        {"verb": "update", "memory_id": "batch/same"},
        {"verb": "update", "memory_id": "batch/same", "extra_seconds": 0},
        {"verb": "put", "memory_id": "batch/same", "data": 1, "if_none_match": "*"},
        {"verb": "forget", "memory_id": "batch/none"},
        {"verb": "stash", "data": "x", "ttl": 10**9},
    )

    for alone, result in zip(single, together, strict=True):
        assert result["status"] == alone.status_code
        assert result.get("etag") == alone.headers.get("ETag")
        left = "ttl_remaining"
        assert result["body"] | {left: 0} == alone.json() | {left: 0}


def test_data_comes_back_byte_for_byte(alice: httpx2.Client) -> None:
    text = b'{"n": 1e400, "big": 123456789012345678901234567890,\n "o": -0.0, "e": "\\u00e9\xc3\xa9", "n": 2}'
    put = b'{"operations": [{"verb": "put", "data": %s, "memory_id": "batch/bytes"}]}' % text
    assert alice.post("/batch", content=put).status_code == 200

    recalled = alice.post(
        "/batch", content=b'{"operations": [{"verb": "recall", "memory_id": "batch/bytes"}]}'
    )

    assert text in recalled.content


def test_versions_are_conditions(alice: httpx2.Client) -> None:
    seen = alice.put("/stash/batch/cas", json={"data": 1}).headers["ETag"]
    bare = seen.strip('"')

    same, changed, late, other, gone = batch(
        alice,
        {"verb": "recall", "memory_id": "batch/cas", "if_none_match": seen},
        {"verb": "update", "memory_id": "batch/cas", "data": 2, "if_match": bare},
        {"verb": "update", "memory_id": "batch/cas", "data": 3, "if_match": seen},
        {"verb": "recall", "memory_id": "batch/cas", "if_none_match": "W/" + seen},
        {"verb": "forget", "memory_id": "batch/cas", "if_match": bare},
    )

    assert same == {"status": 304, "etag": seen, "body": None}
    assert (changed["status"], late["status"], gone["status"]) == (200, 412, 412)
    assert (other["status"], other["body"]["data"]) == (200, 2)


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ({"verb": "remember"}, "verb"),
        ({"memory_id": "a"}, "verb"),
        ({"verb": 5}, "verb"),
        ({"verb": "recall"}, "memory_id"),
        ({"verb": "recall", "memory_id": 7}, "memory_id"),
        ({"verb": "recall", "memory_id": ""}, "memory_id"),
        ({"verb": "recall", "memory_id": "a/../b"}, "memory_id"),
        ({"verb": "recall", "memory_id": "a", "data": 1}, "data"),
        ({"verb": "stash"}, "data"),
        ({"verb": "stash", "data": 1, "ttl": None}, "ttl"),
        ({"verb": "stash", "data": 1, "memory_id": "mine"}, "memory_id"),
        ({"verb": "put", "memory_id": "a"}, "data"),
        ({"verb": "put", "memory_id": "a", "data": 1, "if_match": "*"}, "if_match"),
        ({"verb": "put", "memory_id": "a", "data": 1, "if_none_match": "v"}, "if_none_match"),
        ({"verb": "update", "memory_id": "a", "extra_seconds": 1.5}, "extra_seconds"),
        ({"verb": "update", "memory_id": "a", "data": 1, "if_match": 3}, "if_match"),
        ("recall", None),
        (None, None),
    ],
)
def test_a_bad_operation_is_told_what_is_wrong_and_fails_alone(
    alice: httpx2.Client, operation: Any, field: str | None
) -> None:
    before, bad, after = batch(
        alice,
        {"verb": "put", "memory_id": "batch/before", "data": 1},
        operation,
        {"verb": "recall", "memory_id": "batch/before"},
    )

    assert before["status"] in (200, 201)
    assert (bad["status"], bad["body"]["code"]) == (400, "invalid_request")
    assert bad["body"].get("field") == field
    assert (after["status"], after["body"]["data"]) == (200, 1)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"operations": []}',
        b'{"operations": {}}',
        b'{"operations": null}',
        b'{"operations": [{"verb": "recall"]}',
        b'{"operations": [' + b",".join([b'{"verb": "recall", "memory_id": "a"}'] * 101) + b"]}",
        b'{"operations": [1], "more": 1}',
    ],
)
def test_what_is_no_batch_is_one_400(alice: httpx2.Client, body: bytes) -> None:
    answer = alice.post("/batch", content=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_a_hundred_operations_are_a_batch(alice: httpx2.Client) -> None:
    puts = [{"verb": "put", "memory_id": f"batch/hundred/{n}", "data": n} for n in range(100)]
    assert [result["status"] for result in batch(alice, *puts)] == [201] * 100

    recalls = [{"verb": "recall", "memory_id": f"batch/hundred/{n}"} for n in range(100)]
    assert [result["body"]["data"] for result in batch(alice, *recalls)] == list(range(100))


def test_a_batch_is_one_line_in_the_log(server: ServerProcess, alice: httpx2.Client) -> None:
    request_id = uuid4().hex
    operations = [{"verb": "recall", "memory_id": "batch/none"}, {"verb": "stash", "data": "secret-data"}]

    alice.post("/batch", content=json.dumps({"operations": operations}), headers={"X-Request-ID": request_id})

    [line] = [line for line in server.lines if line.get("request_id") == request_id]
    assert (line["event"], line["operations"], line["failed"], line["status"]) == ("batch_done", 2, 1, 200)
    assert "secret-data" not in server.out


def test_users_never_meet_in_a_batch(alice: httpx2.Client, mallory: httpx2.Client) -> None:
    alice.put("/stash/batch/hers", json={"data": "hers"})

    results = batch(
        mallory,
        *({"verb": verb, "memory_id": "batch/hers"} for verb in ("recall", "forget")),
        {"verb": "update", "memory_id": "batch/hers", "data": "his"},
    )

    assert [result["status"] for result in results] == [404, 404, 404]
    assert alice.get("/recall/batch/hers").json()["data"] == "hers"
