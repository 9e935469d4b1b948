"""What lies in Redis: every key of a user under one tag and with an expiry, and nobody ever searches for keys."""

import time
from collections.abc import Callable

import redis

from stash_memory.backends.redis.keys import keys_of
from stash_memory.records import Caps
from tests.backends import RedisBackend
from tests.by_method import Delete, Get, Put, Update
from tests.contract.cast import ALICE, BOB, LONG, SHORT, assert_not_found, content, drained, ids
from tests.servers import shared
from tests.servers.redis_server import RedisServer

DAY = 24 * 3600 * 1000
LARGE = b"x" * 3_000_000


def keys(client: "redis.Redis") -> dict[str, int]:
    """Every key, and how many milliseconds it has left."""
    return {name.decode(): client.pttl(name) for name in client.keys(b"*")}


def everything(backend: RedisBackend) -> None:
    """Calls every method, on records small and large, live and expired."""
    for n in range(30):
        backend.put(ALICE, f"a/{n}", [b"1"], SHORT, caps=Caps(100, 10_000_000))
    backend.put(ALICE, "large", [LARGE], LONG)
    backend.put(ALICE, "large", [LARGE], LONG)
    backend.update(ALICE, "large", body=[LARGE], extra_ms=5, max_ttl_ms=LONG)
    backend.update(ALICE, "large", at_least_ms=5, max_ttl_ms=LONG)
    assert content(backend.get(ALICE, "large")) == LARGE
    time.sleep(SHORT / 1000)
    drained(backend, ALICE)
    backend.put(ALICE, "small", [b"1"], LONG)
    backend.many(ALICE, [Get("a"), Put("b", [b"1"], LONG), Update("b", [b"2"], max_ttl_ms=1), Delete("b")])
    ids(backend, ALICE, "a/")
    backend.delete(ALICE, "large")
    backend.delete_prefix(ALICE, "a/")
    backend.totals()
    backend.totals(ALICE)
    backend.purge(1000)


def test_every_key_of_a_user_carries_its_tag_and_expires(server: RedisServer, backend: RedisBackend) -> None:
    everything(backend)
    with server.client() as client:
        found = keys(client)
    of_hers = {name: left for name, left in found.items() if "{usr_alice}" in name}
    assert {name.partition(":")[0] for name in of_hers} == {
        "user", "index", "expiry", "sizes", "tombstones", "bucket", "chunk"
    }  # fmt: skip
    assert all(name.startswith("active:") for name in found.keys() - of_hers.keys())
    assert all(left > 0 for left in found.values())
    books = [left for name, left in of_hers.items() if name.partition(":")[0] in ("index", "expiry", "sizes")]
    assert all(LONG < left <= LONG + DAY + 3_600_000 for left in books)
    assert all(left <= DAY for name, left in of_hers.items() if name.startswith("tombstones:"))
    assert all(left <= 10 * 60_000 for name, left in of_hers.items() if name.startswith("chunk:"))


def test_a_users_keys_are_in_one_slot() -> None:
    for user in (ALICE, "usr_{odd}", "}", "", "a}b"):
        keys = keys_of(user)
        named = [*keys.books, keys.head("any {id}"), keys.chunks("0123456789abcdef")]
        assert len({redis.cluster.key_slot(name) for name in named}) == 1


def test_no_two_users_share_a_key() -> None:
    users = ["", "%", "%25", "}", "%7D", "a", "a}", "a}b", "a%7Db", "{a}", "{a"]
    names = {name for user in users for name in (*keys_of(user).books, keys_of(user).head("}:x"))}
    assert len(names) == len(users) * 6
    assert keys_of("a").head("b}:c") != keys_of("a}:b").head("c")


def test_a_live_records_keys_last_as_long_as_it_does(server: RedisServer, backend: RedisBackend) -> None:
    backend.put(ALICE, "large", [LARGE], LONG)
    backend.put(ALICE, "small", [b"1"], LONG)
    backend.update(ALICE, "large", extra_ms=3 * LONG, max_ttl_ms=9 * LONG)
    with server.client() as client:
        left = {
            name.partition(":")[0]: ms
            for name, ms in keys(client).items()
            if name != "user:{usr_alice}:small"
        }
    assert 3 * LONG < left["user"] <= 4 * LONG
    # They are asked for one after another: what comes first has more left.
    assert left["user"] < left["chunk"] <= left["user"] + 10 * 60_000 + 1000
    assert all(left[book] >= left["user"] + DAY - 1000 for book in ("index", "expiry", "sizes", "active"))


def test_ids_that_look_like_the_stores_own_keys_are_names(server: RedisServer, backend: RedisBackend) -> None:
    backend.put(ALICE, "plan", [b"hers"], LONG)
    with server.client() as client:
        for name in [*keys(client), "", "plan"]:
            if name:
                backend.put(BOB, name, [b"his"], LONG)
                backend.put(BOB, name + "}", [b"his"], LONG)
    assert content(backend.get(ALICE, "plan")) == b"hers"
    assert backend.totals(ALICE) == (1, 4)
    assert ids(backend, ALICE) == ["plan"]
    assert_not_found(backend, ALICE, "index:{usr_alice}")


def test_whoever_has_forgotten_everything_leaves_nothing_behind(
    server: RedisServer, backend: RedisBackend
) -> None:
    for n in range(20):
        backend.put(ALICE, f"{n}", [b"1"], LONG)
    backend.delete(ALICE, "0")
    backend.delete_prefix(ALICE, "")
    with server.client() as client:
        assert {name.partition(":")[0] for name in keys(client)} == {"active"}


def test_the_books_are_true(server: RedisServer, backend: RedisBackend) -> None:
    everything(backend)
    backend.put(ALICE, "two", [b"22"], LONG)
    with server.client() as client:
        index = client.zrange("index:{usr_alice}", 0, -1)
        expiry = client.zrange("expiry:{usr_alice}", 0, -1)
        sizes = client.hgetall("sizes:{usr_alice}")
    assert sorted(index) == sorted(expiry) == sorted(sizes.keys() - {b""}) == [b"small", b"two"]
    assert sizes == {b"": b"3", b"small": b"1", b"two": b"2"}


def test_nobody_searches_for_keys(server: RedisServer, backend: RedisBackend) -> None:
    everything(backend)
    with server.client() as client:
        used = {name.removeprefix("cmdstat_") for name in client.info("commandstats")}
    assert used
    assert not used & {
        "keys",
        "scan",
        "hscan",
        "zscan",
        "sscan",
        "hgetall",
        "randomkey",
        "dbsize",
        "script|load",
    }


def test_nobody_searches_for_keys_in_a_cluster(opened: Callable[..., RedisBackend]) -> None:
    cluster = shared.redis_cluster()
    cluster.flush()
    for node in cluster.nodes:
        with node.client() as client:
            client.config_resetstat()
    everything(opened(cluster.url))
    for node in cluster.nodes:
        with node.client() as client:
            used = {name.removeprefix("cmdstat_") for name in client.info("commandstats")}
        assert not used & {"keys", "scan", "hscan", "zscan"}
