"""What a request costs: round trips to the store, and queries for its key; counted on the wires of real servers."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx2
import psycopg.conninfo
import pytest

from tests.server_process import ServerProcess
from tests.servers import shared
from tests.servers.turnstile import Turnstile

KB = 1024
ROOMY = """
from accounts.models import User
User.objects.filter(email="counted@example.com").update(requests_per_minute=60_000, burst=10_000)
"""


class Counted(NamedTuple):
    """A server, the wires to its store and to its database of users (for "database" they are one), and a key.

    The key is of a user with a rate limit and with caps, neither of which these tests reach.
    """

    server: ServerProcess
    store: Turnstile
    users: Turnstile
    key: str


@pytest.fixture(scope="module")
def counted_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Counted]]:
    """Servers on `redis` or `database`, of one worker, that ask their database of nothing by themselves."""
    started: dict[str, Counted] = {}

    def on(engine: str) -> Counted:
        if engine not in started:
            started[engine] = counted(tmp_path_factory.mktemp("counted"), engine)
        return started[engine]

    yield on
    for server, *wires, _ in started.values():
        server.stop()
        for wire in {*wires}:
            wire.close()


def counted(home: Path, engine: str) -> Counted:
    """A server on that engine, which has started."""
    url = shared.postgres_server().create_database()
    parts = psycopg.conninfo.conninfo_to_dict(url)
    users = store = Turnstile(str(parts["host"]), int(str(parts["port"])))
    settings = {"DATABASE_URL": url.replace(f":{parts['port']}/", f":{users.port}/")}
    if engine == "redis":
        store = Turnstile("127.0.0.1", shared.redis_server().port)
        settings["REDIS_URL"] = f"redis://127.0.0.1:{store.port}"
    server = ServerProcess(home, STASH_BACKEND=engine, STASH_USAGE="off", **settings).start()
    key = server.create_key("counted@example.com", "--tier", "pro")
    server.shell(ROOMY)
    return Counted(server, store, users, key)


def put(name: str, size: int) -> Callable[[httpx2.Client], httpx2.Response]:
    """Keeps data of so many bytes."""
    body = json.dumps({"data": "x" * (size - 2)}).encode()
    return lambda client: client.put(f"/stash/{name}", content=body)


def batch(count: int) -> dict[str, object]:
    return {"operations": [{"verb": "put", "memory_id": f"b/{n}", "data": n} for n in range(count)]}


# One script, whatever it is, with the token and the caps in it.
ONE: dict[str, Callable[[httpx2.Client], httpx2.Response]] = {
    "stash": lambda client: client.post("/stash", json={"data": 1}),
    "put": lambda client: client.put("/stash/small", json={"data": 1}),
    "put of 63 KB": put("medium", 63 * KB),
    "recall": lambda client: client.get("/recall/small"),
    "recall of 63 KB": lambda client: client.get("/recall/medium"),
    "recall that extends": lambda client: client.get("/recall/small", params={"extend": 60}),
    "recall of nothing": lambda client: client.get("/recall/none"),
    "update": lambda client: client.patch("/update/small", json={"data": 2, "extra_seconds": 1}),
    "condition that fails": lambda client: client.put(
        "/stash/small", json={"data": 1}, headers={"If-None-Match": "*"}
    ),
    "list": lambda client: client.get("/stash"),
    "batch of 100": lambda client: client.post("/batch", json=batch(100)),
    "forget": lambda client: client.delete("/forget/small"),
    "forget by prefix": lambda client: client.delete("/stash", params={"prefix": "b/"}),
    "bad body": lambda client: client.post("/stash", content=b"{"),
}
TWO: dict[str, Callable[[httpx2.Client], httpx2.Response]] = {
    "put of 65 KB": put("large", 65 * KB),
    "put of 1 MB": put("large", KB * KB),
    "recall of 1 MB": lambda client: client.get("/recall/large"),
}
FOREIGN: dict[str, Callable[..., httpx2.Response]] = {
    "recall": lambda client, name: client.get(f"/recall/{name}"),
    "update": lambda client, name: client.patch(f"/update/{name}", json={"data": 1}),
    "forget": lambda client, name: client.delete(f"/forget/{name}"),
}


def least(
    on: Counted, client: httpx2.Client, asks: Callable[[httpx2.Client], httpx2.Response]
) -> tuple[int, int]:
    """Round trips to the store, and to the database of users, of one request whose key was just seen.

    The least of four: whoever is kept waiting for a second must read the key anew, and some writes clear what expired.
    """
    seen = []
    for _ in range(4):
        client.get("/whoami")
        before = on.store.trips, on.users.trips
        answer = asks(client)
        assert answer.status_code < 500, answer.text
        seen.append((on.store.trips - before[0], on.users.trips - before[1]))
    return min(seen)


def test_a_request_of_up_to_64_kb_is_one_round_trip_to_redis_and_no_query(
    counted_on: Callable[[str], Counted],
) -> None:
    on = counted_on("redis")
    with on.server.client(on.key) as client:
        trips = {name: least(on, client, asks) for name, asks in ONE.items()}

    assert trips == dict.fromkeys(ONE, (1, 0))


def test_a_request_of_up_to_1_mb_is_two_at_most(counted_on: Callable[[str], Counted]) -> None:
    on = counted_on("redis")
    with on.server.client(on.key) as client:
        trips = {name: least(on, client, asks) for name, asks in TWO.items()}

    assert {users for _, users in trips.values()} == {0}
    assert all(1 <= store <= 2 for store, _ in trips.values()), trips


@pytest.mark.parametrize("engine", ["redis", "database"])
def test_a_foreign_memory_costs_what_one_that_never_was_costs(
    counted_on: Callable[[str], Counted], engine: str
) -> None:
    """The same round trips, to Redis and of SQL: nothing is done for the one that is not done for the other."""
    on = counted_on(engine)
    with on.server.client() as alice, on.server.client(on.key) as mallory:
        for name, size in (("small", 10), ("large", KB * KB)):
            assert put(f"foreign/{name}", size)(alice).status_code in (200, 201)
        for verb, asks in FOREIGN.items():
            costs = {
                name: least(on, mallory, partial(asks, name=f"foreign/{name}"))
                for name in ("small", "large", "never")
            }
            assert len({*costs.values()}) == 1, (verb, costs)
