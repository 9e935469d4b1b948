"""The Wall Test: user A cannot access user B's data."""

import httpx2
import pytest

from tests.leaks.scan import CANARY

SECRET = {"plan": f"only Alice may see this: {CANARY}"}


@pytest.fixture
def memory_id(alice: httpx2.Client) -> str:
    return alice.post("/stash", json={"data": SECRET}).json()["memory_id"]


REQUESTS = [("GET", "recall", None), ("PATCH", "update", {"data": 1}), ("DELETE", "forget", None)]


@pytest.mark.parametrize(("method", "verb", "body"), REQUESTS)
def test_a_foreign_memory_and_one_that_never_was_are_the_same_to_mallory(
    alice: httpx2.Client, mallory: httpx2.Client, memory_id: str, method: str, verb: str, body: object
) -> None:
    foreign = mallory.request(method, f"/{verb}/{memory_id}", json=body)
    imagined = mallory.request(method, f"/{verb}/neverwas", json=body)

    assert foreign.status_code == imagined.status_code == 404
    assert foreign.content == imagined.content
    own_words = ("date", "x-request-id")
    assert [pair for pair in foreign.headers.items() if pair[0] not in own_words] == [
        pair for pair in imagined.headers.items() if pair[0] not in own_words
    ]
    assert alice.get(f"/recall/{memory_id}").json()["data"] == SECRET


@pytest.mark.parametrize(("method", "verb", "body"), REQUESTS)
@pytest.mark.parametrize("key", [None, "", "sk_live_short", "sk_live_" + "0" * 38, "é" * 10])
def test_nobody_comes_in_without_a_key(
    method: str, verb: str, body: object, key: str | None, shared_memory
) -> None:
    server, memory_id = shared_memory
    headers = {} if key is None else {"X-API-KEY": key.encode()}
    with server.stranger() as nobody:
        refused = nobody.request(method, f"/{verb}/{memory_id}", json=body, headers=headers)

    # After 20 bad keys within a minute the address itself is told to wait.
    assert refused.status_code in (401, 429)
    assert refused.json()["code"] in ("invalid_api_key", "rate_limited")
    assert b"Alice" not in refused.content


@pytest.fixture(scope="module")
def shared_memory(server, alice_key):
    with server.client(alice_key) as alice:
        yield server, alice.post("/stash", json={"data": SECRET}).json()["memory_id"]


def test_a_revoked_key_is_refused_within_a_second(own_server) -> None:
    server = own_server("--workers", "2")
    key = server.create_key("bob@example.com", "--tier", "enterprise")
    with server.client(key) as bob:
        assert bob.post("/stash", json={"data": 1}).status_code == 201
    revoke = (
        "from accounts.models import ApiKey; import time; "
        "ApiKey.objects.filter(user__email='bob@example.com').revoke(); time.sleep(1)"
    )
    server.shell(revoke)

    for _ in range(10):
        with server.client(key) as bob:
            assert bob.post("/stash", json={"data": 1}).status_code == 401
