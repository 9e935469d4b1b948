"""Requests about keys cost a token of their user's bucket, like all others, and 429 comes before what they do."""

import time
from collections.abc import Iterator

import httpx2
import pytest

from tests.server_process import ServerProcess


@pytest.fixture
def free(server: ServerProcess, request: pytest.FixtureRequest) -> Iterator[httpx2.Client]:
    """A user of this test alone, on the free tier: 60 a minute, burst 10."""
    with server.client(
        server.create_key(f"{request.node.originalname}@example.com", "--tier", "free")
    ) as client:
        yield client


def left(answer: httpx2.Response) -> int:
    """Whole tokens left, as the answer says."""
    assert answer.headers["RateLimit-Policy"] == '"requests";q=10;w=10'
    return int(answer.headers["RateLimit"].split("r=")[1].split(";")[0])


def test_each_costs_one_token_and_says_what_is_left(free: httpx2.Client) -> None:
    minted = free.post("/keys", json={"name": "sub"})
    answers = [
        minted,
        free.get("/keys"),
        free.get("/whoami"),
        free.post("/keys", content=b"no JSON"),
        free.post("/keys", json={"expires_in": 10**12}),
        free.delete("/keys/key_000000000000"),
        free.delete(f"/keys/{minted.json()['id']}"),
    ]

    assert [answer.status_code for answer in answers] == [201, 200, 200, 400, 400, 404, 204]
    # A slow machine may have got a token back meanwhile.
    assert [left(answer) for answer in answers][:2] == [9, 8]
    assert left(answers[-1]) <= 5


def test_a_request_without_a_token_does_nothing(free: httpx2.Client) -> None:
    key = free.post("/keys", json={"name": "kept"}).json()
    while free.get("/whoami").status_code != 429:
        pass
    made = [free.post("/keys", json={"name": "refused"}) for _ in range(5)]
    bad = free.post("/keys", json={"name": 1})
    deleted = free.delete(f"/keys/{key['id']}")
    while (listed := free.get("/keys")).status_code == 429:
        time.sleep(0.05)

    # A token may have come back in the midst, so what was answered is compared with what is there.
    names = [key["name"] for key in listed.json()["keys"]]
    statuses = [answer.status_code for answer in made]
    assert statuses.count(429) >= 3
    assert names.count("refused") == statuses.count(201)
    assert ("kept" in names) == (deleted.status_code == 429)
    assert bad.status_code in (429, 400)
    assert {answer.headers["Retry-After"] for answer in made if answer.status_code == 429} == {"1"}
