"""Connections are shared by as many threads as there are, and end with the backend."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from stash_memory.backends.redis import connect
from stash_memory.backends.redis.connections import Whole
from stash_memory.backends.redis.wire import NodeWire
from tests.backends import RedisBackend
from tests.contract.cast import ALICE, LONG, content
from tests.servers.process import wait_until
from tests.servers.redis_server import RedisServer
from tests.servers.rough_wire import Manner, RoughWire

THREADS = 4


def test_threads_wait_for_a_connection_where_the_pool_has_them_wait(server: RedisServer) -> None:
    with RoughWire(server.port, [Manner(pause=0.002)]) as slow:
        pool = redis.BlockingConnectionPool(port=slow.port, protocol=2, max_connections=1, timeout=10)
        backend = RedisBackend(redis.Redis(connection_pool=pool))
        backend.put(ALICE, "plan", [b"1"], LONG)

        with ThreadPoolExecutor(THREADS) as threads:
            found = list(threads.map(lambda _: content(backend.get(ALICE, "plan")), range(10 * THREADS)))

        assert found == [b"1"] * 10 * THREADS
        backend.close()
        pool.close()


def asked_and_closed(server: RedisServer, client: "redis.Redis") -> object:
    """What is answered to a question that was under way when its backend was closed."""
    wire = NodeWire(client)
    with ThreadPoolExecutor(1) as thread, server.client() as other:
        answer = thread.submit(wire.ask, b"", (b"BLPOP", b"list", 0), write=False)
        wait_until(lambda: other.info("clients")["blocked_clients"] == 1)
        wire.close()
        other.rpush("list", "1")
        return answer.result()


def connections(server: RedisServer, name: str) -> int:
    """How many connections have that name."""
    with server.client() as client:
        return sum(one["name"] == name for one in client.client_list())


def test_what_is_under_way_when_a_backend_is_closed_is_answered_and_its_connection_closed(
    server: RedisServer,
) -> None:
    client = connect(server.url, client_name="ours", socket_timeout=30)

    assert asked_and_closed(server, client) == [[b"list", b"1"]]
    wait_until(lambda: connections(server, "ours") == 0)


def test_so_it_is_over_a_pool_that_was_handed_in(server: RedisServer) -> None:
    pool = redis.ConnectionPool(port=server.port, protocol=2, client_name="handed-in")

    assert asked_and_closed(server, redis.Redis(connection_pool=pool)) == [[b"list", b"1"]]
    wait_until(lambda: connections(server, "handed-in") == 0)


def test_a_pool_that_was_handed_in_serves_on(
    server: RedisServer, opened: Callable[..., RedisBackend]
) -> None:
    pool = redis.ConnectionPool(port=server.port, protocol=2)
    backend = RedisBackend(redis.Redis(connection_pool=pool))
    backend.put(ALICE, "plan", [b"1"], LONG)
    backend.close()

    with redis.Redis(connection_pool=pool) as client:
        assert client.ping()
    assert content(opened(server.url).get(ALICE, "plan")) == b"1"
    pool.close()


@pytest.mark.parametrize("kind", [redis.ConnectionPool, redis.BlockingConnectionPool])
def test_a_connection_that_a_pool_made_before_is_closed_and_not_opened_again(
    server: RedisServer, kind: type[redis.ConnectionPool]
) -> None:
    pool = kind(port=server.port, protocol=2, client_name="before")
    redis.Redis(connection_pool=pool).ping()
    assert connections(server, "before") == 1

    backend = RedisBackend(redis.Redis(connection_pool=pool))
    wait_until(lambda: connections(server, "before") == 0)
    backend.put(ALICE, "plan", [b"1"], LONG)
    backend.close()

    assert isinstance(pool.get_connection(), Whole)
    pool.disconnect()
