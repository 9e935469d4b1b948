"""A user's tier changes: new memories go to the new tier's pool, and nothing is lost, wrong or twice."""

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx2

from tests.acceptance.pools.agent import Agent, Shared
from tests.acceptance.pools.hosted import Hosted
from tests.raw_http import connect, head, read_answer

AGENTS = 64
# Without a rate limit, and with caps that are counted and never reached.
ROOMY = (
    "from accounts.models import Tier; Tier.objects.filter(name__in=['free', 'pro']).update("
    "requests_per_minute=None, burst=None, max_memories=10**6, max_bytes=10**10, payload_bytes=2 * 10**6)"
)


def move(hosted: Hosted, email: str, tier: str) -> None:
    """Changes the tier, and waits until the pool has changed."""
    hosted.server.create_key(email, "--tier", tier)
    time.sleep(2.1)


def test_new_memories_go_to_the_new_pool_and_old_ones_live_where_they_are(hosted: Hosted) -> None:
    email = "mover@example.com"
    with hosted.server.client(hosted.server.create_key(email, "--tier", "pro")) as client:
        user = hosted.user_id(email)
        for name in ["old", "replaced", "forgotten"]:
            client.put(f"/stash/{name}", json={"data": "old", "ttl": 3_000})
        brief = client.post("/stash", json={"data": 1, "ttl": 1}).json()["memory_id"]
        move(hosted, email, "enterprise")

        assert client.put("/stash/replaced", json={"data": "new"}).status_code == 200
        assert client.put("/stash/new", json={"data": "new"}).status_code == 201
        assert client.delete("/forget/forgotten").status_code == 204
        assert client.put("/stash/forgotten", json={"data": "new"}).status_code == 201
        assert hosted.ids("pro", user) == {"old", "replaced"}
        assert hosted.ids("enterprise", user) == {"new", "forgotten"}

        found = {name: client.get(f"/recall/{name}").json()["data"] for name in ["old", "replaced", "new"]}
        assert found == {"old": "old", "replaced": "new", "new": "new"}
        assert client.get(f"/recall/{brief}").status_code == 410
        listed = [memory["memory_id"] for memory in client.get("/stash").json()["memories"]]
        assert listed == ["forgotten", "new", "old", "replaced"]
        batch = {"operations": [{"verb": "recall", "memory_id": name} for name in listed]}
        assert [one["status"] for one in client.post("/batch", json=batch).json()["results"]] == [200] * 4

        move(hosted, email, "pro")
        assert client.put("/stash/back", json={"data": 1}).status_code == 201
        assert "back" in hosted.ids("pro", user)
        assert client.get("/recall/new").json()["data"] == "new"
        assert client.delete("/stash", params={"prefix": "o"}).json() == {"forgotten": 1}


def test_a_body_that_was_under_way_goes_to_the_pool_of_the_moment_it_is_kept(hosted: Hosted) -> None:
    email = "slow@example.com"
    key = hosted.server.create_key(email, "--tier", "pro")
    body = json.dumps({"data": "x" * 100_000}).encode()
    with connect(hosted.server) as connection:
        connection.sendall(head("PUT", "/stash/slow", key, Content_Length=len(body)) + body[:60_000])
        move(hosted, email, "enterprise")
        connection.sendall(body[60_000:])
        assert read_answer(connection).status == 201

    user = hosted.user_id(email)
    assert (hosted.ids("pro", user), hosted.ids("enterprise", user)) == (set(), {"slow"})


def test_under_load_of_64_clients_nothing_is_wrong_lost_or_twice(own_hosted: Callable[..., Hosted]) -> None:
    """free to pro and back, while 64 clients of the user keep, read, change and forget."""
    hosted = own_hosted()
    hosted.shell(ROOMY)
    email, shared = "load@example.com", Shared()
    key = hosted.server.create_key(email, "--tier", "free")
    user = hosted.user_id(email)
    limits = httpx2.Limits(max_connections=AGENTS, max_keepalive_connections=AGENTS)
    with (
        httpx2.Client(
            base_url=hosted.server.url, headers={"X-API-KEY": key}, timeout=60, limits=limits
        ) as client,
        ThreadPoolExecutor(AGENTS) as threads,
    ):
        client.put("/stash/counter", json={"data": 0, "ttl": 3_000})
        agents = [Agent(number, client, shared) for number in range(AGENTS)]
        enough = threading.Event()
        working = [threads.submit(agent.work, enough) for agent in agents]
        twice: set[str] = set()
        for tier in ["pro", "free"]:
            time.sleep(0.5)
            move(hosted, email, tier)
            twice |= in_two_pools(hosted, user)
        time.sleep(0.5)
        enough.set()
        for one in working:
            one.result()
        assert not [wrong for agent in agents for wrong in agent.wrong]
        assert not twice
        for agent in agents:
            for name in agent.kept:
                agent.check(name)
        assert not [wrong for agent in agents for wrong in agent.wrong]
        assert client.get("/recall/counter").json()["data"] == shared.added

    free, pro = hosted.ids("free", user), hosted.ids("pro", user)
    assert all(agent.done for agent in agents)
    assert not free & pro
    assert free | pro == {"counter", *(name for agent in agents for name in agent.kept)}
    assert free
    assert pro


def in_two_pools(hosted: Hosted, user: str) -> set[str]:
    """Ids that were in one pool before and after they were seen in the other, and the same version all the time."""
    found = set()
    for one, other in [("free", "pro"), ("pro", "free")]:
        with hosted.pools[one].client() as here, hosted.pools[other].client() as there:
            for name in hosted.ids(one, user):
                key = f"user:{{{user}}}:{name}"
                version = here.getrange(key, 0, 15)
                if version and there.exists(key) and here.getrange(key, 0, 15) == version:
                    found.add(name)
    return found
