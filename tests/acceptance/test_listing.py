"""GET and DELETE /stash: many memories by the beginning of their ids."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.server_process import ServerProcess


@pytest.fixture
def email() -> str:
    """Carol's address: one for each test, which therefore begins with no memories."""
    return f"carol-{uuid4().hex}@example.com"


@pytest.fixture
def carol(server: ServerProcess, email: str) -> Iterator[httpx2.Client]:
    """Who keeps nothing yet."""
    with server.client(server.create_key(email, "--tier", "enterprise")) as client:
        yield client


def put(client: httpx2.Client, *ids: str, ttl: int = 600) -> None:
    for memory_id in ids:
        assert client.put(f"/stash/{memory_id}", json={"data": memory_id, "ttl": ttl}).status_code in (
            200,
            201,
        )


def listed(client: httpx2.Client, **query: Any) -> list[str]:
    """Every page's ids, one after another."""
    ids: list[str] = []
    while True:
        page = client.get("/stash", params=query).json()
        ids += [memory["memory_id"] for memory in page["memories"]]
        if page["cursor"] is None:
            return ids
        query["cursor"] = page["cursor"]


def test_a_listing_shows_size_and_expiry_and_no_data(carol: httpx2.Client) -> None:
    stashed = carol.put("/stash/plan", json={"data": {"a": "é"}, "ttl": 600}).json()

    page = carol.get("/stash").json()

    [memory] = page["memories"]
    assert memory.pop("ttl_remaining") in (599, 600)
    assert memory == {
        "memory_id": "plan",
        "bytes": len('{"a":"é"}'.encode()),
        "expires_at": stashed["expires_at"],
    }
    assert page["cursor"] is None


def test_a_user_without_memories_has_an_empty_list(carol: httpx2.Client) -> None:
    assert carol.get("/stash").json() == {"memories": [], "cursor": None}


def test_only_ids_that_begin_with_the_prefix_are_listed(carol: httpx2.Client) -> None:
    put(carol, "run-4", "run-42/a", "run-42/b", "run-43", "Run-42/c")

    assert listed(carol, prefix="run-42/") == ["run-42/a", "run-42/b"]
    assert listed(carol, prefix="run-4") == ["run-4", "run-42/a", "run-42/b", "run-43"]
    assert listed(carol, prefix="none") == []
    assert listed(carol, prefix="") == ["Run-42/c", "run-4", "run-42/a", "run-42/b", "run-43"]


def test_page_after_page_each_memory_is_shown_once_in_order(carol: httpx2.Client) -> None:
    ids = [f"🦆/{number:02} +%&=" for number in range(25)]
    for memory_id in ids:
        put(carol, memory_id.replace("%", "%25").replace("&", "%26").replace(" ", "%20"))

    assert listed(carol, prefix="🦆/", limit=10) == ids
    assert listed(carol, limit=1) == ids


def test_nobody_lists_or_forgets_what_is_anothers(carol: httpx2.Client, mallory: httpx2.Client) -> None:
    put(carol, "hers/plan")

    assert listed(mallory, prefix="hers/") == []
    assert mallory.delete("/stash", params={"prefix": "hers/"}).json() == {"forgotten": 0}
    assert listed(carol) == ["hers/plan"]


def test_a_cursor_of_anothers_listing_shows_nothing_of_it(
    carol: httpx2.Client, mallory: httpx2.Client
) -> None:
    put(carol, "hers/a", "hers/b")
    cursor = carol.get("/stash", params={"limit": 1}).json()["cursor"]

    assert "hers/b" not in listed(mallory, cursor=cursor)


def test_forgetting_by_prefix_counts_what_it_forgot(carol: httpx2.Client) -> None:
    put(carol, "run-4", "run-42/a", "run-42/b", "run-43")

    answer = carol.delete("/stash", params={"prefix": "run-42/"})

    assert (answer.status_code, answer.json()) == (200, {"forgotten": 2})
    assert listed(carol) == ["run-4", "run-43"]
    assert carol.get("/recall/run-42/a").status_code == 404


@pytest.mark.parametrize("query", ["", "?prefix=", "?prefix"])
def test_without_a_prefix_nothing_is_forgotten(carol: httpx2.Client, query: str) -> None:
    put(carol, "kept")

    answer = carol.delete(f"/stash{query}")

    assert (answer.status_code, answer.json()["field"]) == (400, "prefix")
    assert listed(carol) == ["kept"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=-1", "limit"),
        ("limit=1.5", "limit"),
        ("limit=%D9%A1", "limit"),
        ("limit=", "limit"),
        ("limit=" + "9" * 500, "limit"),
        ("cursor=!", "cursor"),
        ("cursor=", "cursor"),
        ("cursor=YQ==", "cursor"),
        ("cursor=" + "YWFh" * 200, "cursor"),
        ("prefix=" + "a" * 257, "prefix"),
        ("prefix=a//b", "prefix"),
        ("prefix=../", "prefix"),
        ("prefix=%00", "prefix"),
        ("prefix=a&prefix=b", "prefix"),
        ("prefx=a", "prefx"),
        ("=a", ""),
    ],
)
def test_a_bad_query_is_refused_by_name(alice: httpx2.Client, query: str, field: str) -> None:
    answer = alice.get(f"/stash?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert answer.json()["field"] == field


@pytest.mark.parametrize("query", ["prefix=%zz", "prefix=%ff", "%=1"])
def test_a_query_that_is_not_utf8_is_refused(alice: httpx2.Client, query: str) -> None:
    answer = alice.get(f"/stash?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_a_prefix_may_be_a_whole_id_of_256_bytes(carol: httpx2.Client) -> None:
    put(carol, "x" * 256)

    assert listed(carol, prefix="x" * 256) == ["x" * 256]


class TestAKeyWithAPrefix:
    """It lists and forgets within its prefix, and is told so where it asks for more."""

    @pytest.fixture
    def agent(self, server: ServerProcess, carol: httpx2.Client, email: str) -> Iterator[httpx2.Client]:
        """A key of Carol's for `run-42/`."""
        put(carol, "run-42/a", "run-42/deep/b", "run-43/c")
        with server.client(server.create_key(email, "--prefix", "run-42/")) as client:
            yield client

    def test_its_listing_begins_at_its_prefix(self, agent: httpx2.Client) -> None:
        assert listed(agent) == ["run-42/a", "run-42/deep/b"]
        assert listed(agent, prefix="run-42/deep/") == ["run-42/deep/b"]

    @pytest.mark.parametrize("prefix", ["run-4", "run-43/", "r"])
    def test_a_wider_or_other_prefix_is_403(self, agent: httpx2.Client, prefix: str) -> None:
        for answer in (
            agent.get("/stash", params={"prefix": prefix}),
            agent.delete("/stash", params={"prefix": prefix}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_denied")

    def test_it_forgets_within_its_prefix(self, agent: httpx2.Client, carol: httpx2.Client) -> None:
        assert agent.delete("/stash", params={"prefix": "run-42/deep/"}).json() == {"forgotten": 1}
        assert listed(carol) == ["run-42/a", "run-43/c"]
