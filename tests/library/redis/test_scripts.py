"""One script, one round trip; and a server that has lost the script is sent it again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import redis

from stash_memory.bucket import Spend
from stash_memory.records import Caps
from tests.backends import RedisBackend
from tests.by_method import Delete, Get, Put, Update
from tests.contract.cast import ALICE, BOB, LONG, content
from tests.servers import shared
from tests.servers.redis_server import RedisServer

CAPS = Caps(1_000, 1_000_000)


def spend(cost: int = 1) -> Spend:
    return Spend(rate=1_000, burst=1_000, cost=cost)


@contextmanager
def round_trips(server: RedisServer, expected: int) -> Iterator[None]:
    """How often the server had something to read meanwhile."""
    with server.client() as client:

        def reads() -> int:
            return int(client.info("stats")["total_reads_processed"])

        idle = -reads() + reads()
        before = reads()
        yield
        assert reads() - before - idle == expected


CALLS: dict[str, Callable[[RedisBackend], object]] = {
    "get": lambda backend: backend.get(ALICE, "plan", spend=spend()),
    "put": lambda backend: backend.put(ALICE, "plan", [b"2"], LONG, spend=spend(), caps=CAPS),
    "put of 60 KB": lambda backend: backend.put(
        ALICE, "two", [b"x" * 15_000], LONG, spend=spend(), caps=CAPS
    ),
    "update": lambda backend: backend.update(
        ALICE, "plan", body=[b"3"], extra_ms=1, max_ttl_ms=LONG, spend=spend(), caps=CAPS
    ),
    "recall that extends": lambda backend: backend.update(
        ALICE, "plan", at_least_ms=1, max_ttl_ms=LONG, spend=spend()
    ),
    "delete": lambda backend: backend.delete(ALICE, "plan", spend=spend()),
    "page": lambda backend: backend.page(ALICE, spend=spend()),
    "delete_prefix": lambda backend: backend.delete_prefix(ALICE, "", spend=spend()),
    "spend": lambda backend: backend.spend(ALICE, spend()),
    "many": lambda backend: backend.many(
        ALICE,
        [
            *[Put(f"{n}", [b"1"], LONG, caps=CAPS) for n in range(97)],
            Get("plan"),
            Update("plan", [b"3"], max_ttl_ms=LONG),
            Delete("plan"),
        ],
        spend=spend(100),
    ),
    "totals": lambda backend: backend.totals(ALICE),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())


@every_call
def test_one_round_trip(
    server: RedisServer, backend: RedisBackend, call: Callable[[RedisBackend], object]
) -> None:
    backend.put(ALICE, "warm", [b"1"], LONG)
    backend.spend(ALICE, spend())
    backend.put(ALICE, "plan", [b"1"], LONG)
    with round_trips(server, 1):
        call(backend)


def test_the_write_that_registers_its_user_is_one_too(server: RedisServer, backend: RedisBackend) -> None:
    backend.put(BOB, "plan", [b"1"], LONG)
    with round_trips(server, 1):
        backend.put(ALICE, "plan", [b"1"], LONG, spend=spend(), caps=CAPS)
    assert backend.totals() == (2, 2)


def test_a_denied_large_put_sends_no_chunk(server: RedisServer, backend: RedisBackend) -> None:
    backend.put(ALICE, "plan", [b"1"], LONG)
    with round_trips(server, 1), pytest.raises(Exception, match="memory"):
        backend.update(ALICE, "none", body=[b"x" * 30_000_000], max_ttl_ms=LONG, spend=spend())


@every_call
def test_a_server_that_forgot_the_script_is_told_again(
    server: RedisServer, backend: RedisBackend, call: Callable[[RedisBackend], object]
) -> None:
    backend.put(ALICE, "plan", [b"1"], LONG)
    with server.client() as client:
        client.script_flush()
    call(backend)
    client.close()
    with server.client() as client:
        client.script_flush()
    assert backend.totals(ALICE).memories == backend.totals().memories
    assert backend.purge(10).more is False


def test_every_node_of_a_cluster_is_told_once_it_is_asked(opened: Callable[..., RedisBackend]) -> None:
    cluster = shared.redis_cluster()
    cluster.flush()
    backend = opened(cluster.url)
    users = [f"usr_{n}" for n in range(30)]
    for again in range(2):
        for node in cluster.nodes:
            with node.client() as client:
                client.script_flush()
        for user in users:
            record = backend.put(user, "plan", [user.encode()], LONG)
            assert record.created is (again == 0)
            assert content(backend.get(user, "plan")) == user.encode()
        assert backend.totals().memories == 30


def test_a_token_is_charged_once_though_the_script_was_lost(
    server: RedisServer, backend: RedisBackend
) -> None:
    for left in (9, 8, 7):
        with server.client() as client:
            client.script_flush()
        assert backend.spend(ALICE, Spend(rate=0.001, burst=10)).remaining == left


@pytest.mark.parametrize(
    "options",
    [{}, {"protocol": 3}, {"decode_responses": True}, {"protocol": 3, "decode_responses": True}],
    ids=str,
)
def test_any_client_will_do(server: RedisServer, options: dict[str, object]) -> None:
    """As it is handed in by others: django-redis, or a program that uses it for its own purposes, too."""
    client = redis.Redis(port=server.port, **{"protocol": 2, **options})  # type: ignore[arg-type]
    backend = RedisBackend(client)
    data = bytes(range(256)) * 12_000
    backend.put(ALICE, "small", [b"\xff\xfe"], LONG)
    backend.put(ALICE, "large", [data], LONG)
    assert content(backend.get(ALICE, "small")) == b"\xff\xfe"
    assert content(backend.get(ALICE, "large")) == data
    assert [entry.id for entry in backend.page(ALICE).entries] == ["large", "small"]
    assert backend.totals() == (2, len(data) + 2)
    backend.close()
    client.connection_pool.disconnect()


def test_many_that_ask_for_much_get_it_in_pieces(server: RedisServer, backend: RedisBackend) -> None:
    """A reply of 100 MB would be built while every other client waits."""
    data = {f"{n:02}": bytes([n]) * 400_000 for n in range(30)}
    backend.many(ALICE, [Put(name, [body], LONG) for name, body in data.items()])
    results = backend.many(ALICE, [Get(name) for name in data])
    assert [content(result) for result in results] == list(data.values())  # type: ignore[arg-type]


def test_a_script_that_had_to_be_sent_keeps_no_body(server: RedisServer, backend: RedisBackend) -> None:
    with server.client() as client:
        client.script_flush()
    mine = bytearray(b"before")
    backend.put(ALICE, "plan", [memoryview(mine)], LONG)
    mine.extend(b"a bytearray that is still exported cannot grow")
