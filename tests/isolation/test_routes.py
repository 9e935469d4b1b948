"""Every route with every kind of key. A route that is new in the URL conf is tested here, or fails here."""

import json
import re
from collections.abc import Iterator

import httpx2
import pytest

from stash_site.urls import urlpatterns
from tests.isolation.holders import IMAGINED, OWNED, SCOPE, SECRET, Holders, holders, owned_by_alice
from tests.isolation.routes import ROUTES, in_url_conf, known
from tests.server_process import ServerProcess

# What two answers to the same question may differ in.
OWN_WORDS = ("date", "x-request-id", "etag")
OWN_TIME = re.compile(rb'"(expires_at|ttl_remaining|etag)": ?("(?:[^"\\]|\\.)*"|\d+)')
every_route = pytest.mark.parametrize("name", sorted({*in_url_conf(urlpatterns), *ROUTES}))


# Once for all: a worker of xdist may come back to a module that it has left.
@pytest.fixture(scope="session")
def cast(server: ServerProcess) -> Holders:
    return holders(server)


@pytest.fixture(scope="module")
def clients(server: ServerProcess, cast: Holders) -> Iterator[dict[str, httpx2.Client]]:
    """A client for each good key."""
    made = {name: server.client(cast.keys[name].secret) for name in ("owner", "mallory", "reader", "scoped")}
    yield made
    for client in made.values():
        client.close()


def ask(client: httpx2.Client, name: str, named: str = OWNED) -> httpx2.Response:
    """The route's request, about `named`."""
    route = known(name)
    method, _, path = name.partition(" ")
    url = re.sub(r"\{\w+\}", named, path) + (f"?{route.query}" if route.query else "").replace("NAME", named)
    return client.request(method, url, content=route.body.replace("NAME", named))


def told(answer: httpx2.Response, named: str) -> object:
    """The answer without what is only its own."""
    headers = [pair for pair in answer.headers.items() if pair[0] not in OWN_WORDS]
    return answer.status_code, headers, OWN_TIME.sub(rb"\1", answer.content.replace(named.encode(), b"NAME"))


def named_by(name: str, cast: Holders) -> tuple[str, str]:
    """Something of Alice's that the route can name, and something that never was; of one length."""
    if known(name).names == "key":
        return cast.keys["owner"].public_id, "key_" + "0" * 12
    return OWNED, IMAGINED


@every_route
def test_the_route_is_known_here_and_in_the_url_conf(name: str) -> None:
    known(name)
    assert name in set(in_url_conf()), (
        f"{name} is no longer in the URL conf: remove it from tests/isolation/routes.py."
    )


def test_a_route_that_nobody_thought_of_fails_with_what_is_to_be_done() -> None:
    with pytest.raises(
        LookupError, match=r"GET /new is in the URL conf and not in ROUTES .*: add a Route that says"
    ):
        known("GET /new")


@every_route
def test_a_key_that_is_not_valid_opens_nothing(
    server: ServerProcess, cast: Holders, clients: dict[str, httpx2.Client], name: str
) -> None:
    """None, empty, malformed, mistyped, unknown, revoked, expired, a suspended user's: all in the same words."""
    with owned_by_alice(clients["owner"]), server.stranger() as stranger:
        answers = []
        for key in cast.bad.values():
            stranger.headers.pop("X-API-KEY", None)
            stranger.headers |= {} if key is None else {"X-API-KEY": key}
            answers.append(told(ask(stranger, name, named_by(name, cast)[0]), OWNED))
        stranger.headers.pop("X-API-KEY", None)
        for scheme in ("Bearer", "Basic"):
            stranger.headers["Authorization"] = f"{scheme} {cast.keys['revoked'].secret}"
            answers.append(told(ask(stranger, name, named_by(name, cast)[0]), OWNED))

    assert all(answer == answers[0] for answer in answers)
    status, _, body = answers[0]
    if known(name).open:
        assert status == known(name).answers
    else:
        assert (status, json.loads(body)["code"]) == (401, "invalid_api_key")


@every_route
def test_what_is_anothers_and_what_never_was_are_the_same(
    cast: Holders, clients: dict[str, httpx2.Client], name: str
) -> None:
    owned, imagined = named_by(name, cast)
    mallory = clients["mallory"]
    with owned_by_alice(clients["owner"]):
        foreign, nothing = ask(mallory, name, owned), ask(mallory, name, imagined)

        if known(name).names:
            assert told(foreign, owned) == told(nothing, imagined)
        for word in (SECRET, cast.user, *(key.secret for key in cast.keys.values())):
            assert word not in foreign.text
        if known(name).names in ("memory", "key") and not name.startswith(("PUT", "POST")):
            assert foreign.status_code == 404
    mallory.delete("/stash", params={"prefix": "isolation/"})


@every_route
def test_a_read_only_key_writes_nothing(cast: Holders, clients: dict[str, httpx2.Client], name: str) -> None:
    """Nor does it reach keys that are not its own, though it may mint some that are read-only too."""
    route, reader = known(name), clients["reader"]
    owned, imagined = named_by(name, cast)
    with owned_by_alice(clients["owner"]):
        answer = ask(reader, name, owned)

        if route.writes:
            assert (answer.status_code, answer.json()["code"]) == (403, "scope_denied")
            assert told(ask(reader, name, imagined), imagined) == told(answer, owned)
        elif route.each:
            assert [result["status"] for result in answer.json()["results"]] == [200, 403, 403, 403, 403]
        elif route.names == "key":
            assert (answer.status_code, answer.json()["code"]) == (404, "key_not_found")
        elif name == "POST /keys":
            assert answer.json()["read_only"] is True
            assert reader.delete(f"/keys/{answer.json()['id']}").status_code == 204
        else:
            assert answer.status_code == ask(clients["owner"], name, owned).status_code == route.answers


@every_route
def test_a_key_with_a_prefix_learns_nothing_outside_and_works_inside(
    cast: Holders, clients: dict[str, httpx2.Client], name: str
) -> None:
    route, scoped = known(name), clients["scoped"]
    owned, imagined = named_by(name, cast)
    with owned_by_alice(clients["owner"]):
        there, nowhere = ask(scoped, name, owned), ask(scoped, name, imagined)
        assert told(there, owned) == told(nowhere, imagined) or name in ("POST /stash", "POST /keys")
        if route.each:
            assert {result["status"] for result in there.json()["results"]} == {403}
        elif route.names in ("memory", "prefix"):
            assert (there.status_code, there.json()["code"]) == (403, "scope_denied")
        elif route.names == "key":
            assert (there.status_code, there.json()["code"]) == (404, "key_not_found")
        for answer in (there, nowhere):
            if name == "POST /stash":
                assert answer.json()["memory_id"].startswith(SCOPE)
                scoped.delete(f"/forget/{answer.json()['memory_id']}")
            if name == "POST /keys":
                assert answer.json()["prefix"] == SCOPE
                assert scoped.delete(f"/keys/{answer.json()['id']}").status_code == 204
    if route.names in ("memory", "prefix"):
        inside = ask(scoped, name, SCOPE + "owned")
        assert inside.status_code in (200, 201, 204)
        if route.each:
            assert {result["status"] for result in inside.json()["results"]} <= {200, 201, 204}


def test_a_read_only_key_with_a_prefix_is_held_to_both(
    server: ServerProcess, clients: dict[str, httpx2.Client]
) -> None:
    minted = clients["owner"].post("/keys", json={"read_only": True, "prefix": SCOPE}).json()
    with owned_by_alice(clients["owner"]), server.client(minted["key"]) as both:
        assert both.get(f"/recall/{SCOPE}owned").status_code == 200
        assert both.get(f"/recall/{OWNED}").status_code == 403
        assert both.put(f"/stash/{SCOPE}new", json={"data": 1}).status_code == 403
    assert clients["owner"].delete(f"/keys/{minted['id']}").status_code == 204
