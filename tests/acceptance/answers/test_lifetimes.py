"""What starts, lengthens and shortens a memory's life, and what does not."""

import time
from collections.abc import Iterator

import httpx2
import pytest

from tests.server_process import ServerProcess

TIER = """
from accounts.models import Tier
Tier.objects.get_or_create(name="{name}", defaults=dict(payload_bytes=10_000, default_ttl=600, max_ttl=7_200))
"""
DROP = """
from accounts.models import Tier
Tier.objects.filter(name="dropping").update(default_ttl=60, max_ttl=60)
"""


@pytest.fixture
def client(server: ServerProcess) -> Iterator[httpx2.Client]:
    """Of a user whose memories live 600 seconds unless told otherwise, and 7,200 at most."""
    server.shell(TIER.format(name="lives"))
    with server.client(server.create_key("lives@example.com", "--tier", "lives")) as client:
        yield client


def ends(client: httpx2.Client, memory_id: str) -> str:
    """When it expires, as a listing tells."""
    [memory] = client.get("/stash", params={"prefix": memory_id}).json()["memories"]
    return str(memory["expires_at"])


def test_without_a_ttl_post_and_put_start_the_tiers_default(client: httpx2.Client) -> None:
    assert client.post("/stash", json={"data": 1}).json()["ttl"] == 600
    assert client.put("/stash/new", json={"data": 1}).json()["ttl"] == 600


def test_a_put_over_a_longer_life_starts_the_default_anew(client: httpx2.Client) -> None:
    """It is the one thing that shortens a life."""
    client.put("/stash/long", json={"data": 1, "ttl": 7_200})

    assert client.put("/stash/long", json={"data": 2}).json()["ttl"] == 600
    assert client.get("/recall/long").json()["ttl_remaining"] in (599, 600)


def test_the_users_own_default_goes_before_the_tiers(server: ServerProcess) -> None:
    server.shell(TIER.format(name="lives"))
    key = server.create_key("own-default@example.com", "--tier", "lives")
    server.shell(
        "from accounts.models import User; User.objects.filter(email='own-default@example.com')"
        ".update(default_ttl=77)"
    )
    with server.client(key) as client:
        assert client.put("/stash/own", json={"data": 1}).json()["ttl"] == 77


def test_a_ttl_of_the_maximum_is_taken_and_a_second_more_is_told_the_maximum(client: httpx2.Client) -> None:
    assert client.put("/stash/most", json={"data": 1, "ttl": 7_200}).status_code in (200, 201)
    for refused in (
        client.put("/stash/more", json={"data": 1, "ttl": 7_201}),
        client.post("/stash", json={"data": 1, "ttl": 7_201}),
    ):
        assert (refused.status_code, refused.json()["field"]) == (400, "ttl")
        assert "7200" in refused.json()["detail"]


def test_extra_seconds_are_held_to_the_maximum_from_now_and_the_answer_tells_the_truth(
    client: httpx2.Client,
) -> None:
    client.put("/stash/held", json={"data": 1, "ttl": 7_000})

    updated = client.patch("/update/held", json={"extra_seconds": 7_000}).json()

    assert updated["ttl_remaining"] == 7_200
    assert updated["expires_at"] == ends(client, "held")


def test_no_way_of_reading_extends_a_life(client: httpx2.Client) -> None:
    version = client.put("/stash/read", json={"data": 1, "ttl": 100}).headers["ETag"]
    before = ends(client, "read")
    time.sleep(1.1)

    client.head("/recall/read")
    client.get("/recall/read")
    assert client.get("/recall/read", headers={"If-None-Match": version}).status_code == 304
    client.get("/stash", params={"prefix": "read"})
    recall = {"verb": "recall", "memory_id": "read"}
    client.post("/batch", json={"operations": [recall, recall]})

    assert ends(client, "read") == before
    assert client.get("/recall/read").json()["ttl_remaining"] <= 99


def test_replacing_data_or_an_update_that_is_refused_leaves_a_life_as_it_was(client: httpx2.Client) -> None:
    client.put("/stash/same", json={"data": 1, "ttl": 100})
    before = ends(client, "same")
    time.sleep(1.1)

    assert client.patch("/update/same", json={"data": 2}).json()["expires_at"] == before
    late = {"If-Match": '"0123456789abcdef"'}
    assert client.patch("/update/same", json={"extra_seconds": 50}, headers=late).status_code == 412
    assert client.patch("/update/same", json={"data": "x" * 20_000, "extra_seconds": 50}).status_code == 413
    assert ends(client, "same") == before


def test_nothing_but_a_put_shortens_a_life_after_the_tiers_maximum_has_dropped(server: ServerProcess) -> None:
    server.shell(TIER.format(name="dropping"))
    with server.client(server.create_key("dropping@example.com", "--tier", "dropping")) as client:
        for name in ("kept", "replaced"):
            client.put(f"/stash/{name}", json={"data": 1, "ttl": 7_200})
        before = ends(client, "kept")
        server.shell(DROP)
        time.sleep(1.1)
        assert client.get("/whoami").json()["limits"]["max_ttl"] == 60

        client.get("/recall/kept", params={"extend": 10})
        client.patch("/update/kept", json={"data": 2})
        client.patch("/update/kept", json={"extra_seconds": 1})
        extend = {"verb": "update", "memory_id": "kept", "extra_seconds": 1}
        assert client.post("/batch", json={"operations": [extend]}).json()["results"][0]["status"] == 200
        assert ends(client, "kept") == before

        assert client.put("/stash/replaced", json={"data": 2}).json()["ttl"] == 60


def test_what_remains_is_rounded_up_and_the_end_is_rounded_down(client: httpx2.Client) -> None:
    stashed = client.put("/stash/rounded", json={"data": 1, "ttl": 2})
    seen = []
    while (answer := client.get("/recall/rounded")).status_code == 200:
        seen.append(answer.json()["ttl_remaining"])
        time.sleep(0.05)

    assert answer.status_code == 410
    assert set(seen) <= {1, 2}
    assert seen[-1] == 1, "never 0 while it is alive"
    assert answer.json()["expired_at"] == stashed.json()["expires_at"]
