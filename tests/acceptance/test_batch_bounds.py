"""The bounds of a batch: tokens, bytes and the key's scope, each judged operation by operation."""

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.acceptance.batch import batch
from tests.server_process import ServerProcess

MB = 1024 * 1024


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
