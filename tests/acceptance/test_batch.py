"""POST /batch: many operations in one request, each answered as its own request would have been."""

import json
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.server_process import ServerProcess

MB = 1024 * 1024


def batch(client: httpx2.Client, *operations: Any) -> list[dict[str, Any]]:
    """The results."""
    answer = client.post("/batch", json={"operations": operations})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


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


class TestTokens:
    """Each operation costs one; those beyond them answer 429, one by one."""

    @pytest.fixture
    def free(self, server: ServerProcess) -> Any:
        """A user with ten tokens, one more each second."""
        with server.client(server.create_key(f"{uuid4().hex}@example.com", "--tier", "free")) as client:
            yield client

    def test_the_first_operations_get_them(self, free: httpx2.Client) -> None:
        puts = [{"verb": "put", "memory_id": f"{n}", "data": n} for n in range(14)]
        puts[1] = {"verb": "nonsense"}

        answer = free.post("/batch", json={"operations": puts})
        results = answer.json()["results"]

        statuses = [result["status"] for result in results]
        assert statuses[:10] == [201, 400, *[201] * 8]
        assert set(statuses[12:]) == {429}
        assert results[13]["body"]["code"] == "rate_limited"
        assert results[13]["retry_after"] >= 1
        assert answer.headers["RateLimit"].startswith('"requests";r=0')
        assert free.get("/recall/13").status_code in (404, 429)

    def test_a_large_batch_pays_for_its_first_operation_before_its_body(self, free: httpx2.Client) -> None:
        data = "x" * 70_000
        puts = [{"verb": "put", "memory_id": f"{n}", "data": data} for n in range(13)]

        results = batch(free, *puts)

        assert [result["status"] for result in results[:10]] == [201] * 10
        assert results[12]["status"] == 429


class TestSize:
    """Request and answer together are bounded by 10 MB, or the payload limit where that is larger."""

    @pytest.fixture
    def local(self, server: ServerProcess) -> Any:
        """The local user: 1 MB of payload."""
        with server.client() as client:
            yield client

    def test_a_larger_request_is_413(self, local: httpx2.Client) -> None:
        answer = local.post("/batch", content=b" " * (10 * MB + 5000))

        assert answer.status_code == 413
        assert "a batch may be 10,485,760 bytes" in answer.json()["detail"]

    def test_each_data_is_held_to_the_payload_limit(self, local: httpx2.Client) -> None:
        fits, over = batch(
            local,
            {"verb": "put", "memory_id": "batch/fits", "data": "x" * (MB - 2)},
            {"verb": "put", "memory_id": "batch/over", "data": "x" * (MB - 1)},
        )

        assert (fits["status"], over["status"]) == (201, 413)

    def test_recalls_that_do_not_fit_in_the_answer_say_so(self, local: httpx2.Client) -> None:
        for number in range(3):
            local.put(f"/stash/batch/large/{number}", json={"data": "x" * (MB - 2)})

        recalls = [{"verb": "recall", "memory_id": f"batch/large/{n % 3}"} for n in range(12)]
        answer = local.post("/batch", json={"operations": recalls})

        results = answer.json()["results"]
        assert [result["status"] for result in results] == [200] * 9 + [413] * 3
        assert all(len(result["body"]["data"]) == MB - 2 for result in results[:9])
        assert "recall it by itself" in results[-1]["body"]["detail"]
        assert len(answer.content) < 10 * MB


class TestScope:
    """A key's scope is judged operation by operation."""

    @pytest.fixture
    def email(self) -> str:
        return f"{uuid4().hex}@example.com"

    def test_a_read_only_key_may_recall(self, server: ServerProcess, email: str) -> None:
        with server.client(server.create_key(email, "--tier", "enterprise")) as owner:
            owner.put("/stash/plan", json={"data": 1})
        with server.client(server.create_key(email, "--read-only")) as reader:
            statuses = [
                result["status"]
                for result in batch(
                    reader,
                    {"verb": "recall", "memory_id": "plan"},
                    {"verb": "recall", "memory_id": "plan", "extend": 60},
                    {"verb": "stash", "data": 1},
                    {"verb": "put", "memory_id": "plan", "data": 2},
                    {"verb": "update", "memory_id": "plan", "data": 2},
                    {"verb": "forget", "memory_id": "plan"},
                    {"verb": "recall", "memory_id": "plan"},
                )
            ]
        assert statuses == [200, 403, 403, 403, 403, 403, 200]

    def test_a_key_with_a_prefix_reaches_nothing_outside(self, server: ServerProcess, email: str) -> None:
        with server.client(server.create_key(email, "--tier", "enterprise")) as owner:
            owner.put("/stash/other/plan", json={"data": 1})
        with server.client(server.create_key(email, "--prefix", "run-42/")) as agent:
            stashed, foreign, missing, inside = batch(
                agent,
                {"verb": "stash", "data": 1},
                {"verb": "recall", "memory_id": "other/plan"},
                {"verb": "forget", "memory_id": "other/none"},
                {"verb": "put", "memory_id": "run-42/plan", "data": 1},
            )
        assert stashed["body"]["memory_id"].startswith("run-42/")
        assert (foreign["status"], missing["status"], inside["status"]) == (403, 403, 201)


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
