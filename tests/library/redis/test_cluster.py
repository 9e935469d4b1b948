"""A cluster whose keys move and whose nodes die."""

import time
from collections.abc import Callable, Iterator

import pytest
import redis

from stash_memory.bucket import Spend
from stash_memory.errors import StoreUnavailable
from tests.backends import RedisBackend
from tests.contract.cast import ALICE, LONG, content
from tests.servers.process import wait_until
from tests.servers.redis_cluster import RedisCluster
from tests.servers.redis_server import RedisServer

SLOT = redis.cluster.key_slot(b"{usr_alice}")


@pytest.fixture(scope="module")
def cluster() -> Iterator[RedisCluster]:
    """A cluster of this module's own."""
    cluster = RedisCluster(persistent=True)
    yield cluster
    cluster.stop()


@pytest.fixture
def backend(cluster: RedisCluster, opened: Callable[..., RedisBackend]) -> RedisBackend:
    cluster.flush()
    return opened(cluster.url)


def owner(cluster: RedisCluster, slot: int = SLOT) -> tuple[RedisServer, RedisServer]:
    """The node that has the slot, and another."""
    for number, node in enumerate(cluster.nodes):
        with node.client() as client:
            if client.execute_command("CLUSTER", "COUNTKEYSINSLOT", slot):
                return node, cluster.nodes[(number + 1) % len(cluster.nodes)]
    raise LookupError(slot)


class Move:
    """A slot on its way from one node to another, in as many steps as one likes."""

    def __init__(self, source: RedisServer, target: RedisServer, slot: int = SLOT) -> None:
        self.slot, self.target_port = slot, target.port
        self.source, self.target = source.client(), target.client()
        self.ids = [c.execute_command("CLUSTER", "MYID") for c in (self.source, self.target)]
        self.target.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", self.ids[0])
        self.source.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", self.ids[1])

    def move(self, count: int) -> int:
        """Moves so many keys, if there are; returns how many."""
        keys = self.source.execute_command("CLUSTER", "GETKEYSINSLOT", self.slot, count)
        for key in keys:
            self.source.execute_command("MIGRATE", "127.0.0.1", self.target_port, key, 0, 5000)
        return len(keys)

    def finish(self) -> None:
        """All who ask are told of the new node."""
        while self.move(100):
            pass
        for client in (self.target, self.source):
            client.execute_command("CLUSTER", "SETSLOT", self.slot, "NODE", self.ids[1])
            client.close()


def test_a_user_who_moved_is_followed(cluster: RedisCluster, backend: RedisBackend) -> None:
    backend.put(ALICE, "plan", [b"1"], LONG)
    backend.put(ALICE, "large", [b"x" * 3_000_000], LONG)
    body = iter(backend.get(ALICE, "large").body)
    read = bytes(next(body))
    Move(*owner(cluster)).finish()
    assert content(backend.get(ALICE, "plan")) == b"1"
    assert read + b"".join(body) == b"x" * 3_000_000
    backend.put(ALICE, "plan", [b"2"], LONG, spend=Spend(rate=1, burst=10))
    assert backend.totals(ALICE) == backend.totals() == (2, 3_000_001)


def test_while_a_user_moves_nothing_is_lost_and_nothing_half_done(
    cluster: RedisCluster, backend: RedisBackend
) -> None:
    for n in range(20):
        backend.put(ALICE, f"{n}", [b"1"], LONG)
    move = Move(*owner(cluster))
    done = 20
    moved = 1
    while moved:
        try:
            backend.put(ALICE, f"{done}", [b"1"], LONG)
            done += 1
        except StoreUnavailable as error:
            assert error.applied is False  # noqa: PT017
        moved = move.move(8)
    move.finish()
    assert backend.totals(ALICE) == (done, done)
    assert all(content(backend.get(ALICE, f"{n}")) == b"1" for n in range(done))


def test_a_node_that_froze_is_told_soon_and_the_first_request_after_it_works(
    cluster: RedisCluster, backend: RedisBackend
) -> None:
    backend.put(ALICE, "plan", [b"1"], LONG)
    node, _ = owner(cluster)
    node.pause()
    try:
        for write in (True, False):
            began = time.monotonic()
            with pytest.raises(StoreUnavailable) as caught:
                backend.put(ALICE, "plan", [b"2"], LONG) if write else backend.get(ALICE, "plan")
            assert time.monotonic() - began < 2
            assert caught.value.applied == ("unknown" if write else False)
    finally:
        node.resume()
    wait_until(lambda: all(cluster.is_ready(node) for node in cluster.nodes), seconds=30)
    assert content(backend.get(ALICE, "plan")) in (b"1", b"2")


def test_a_node_that_died_and_came_back(cluster: RedisCluster, backend: RedisBackend) -> None:
    users = [f"usr_{n}" for n in range(20)]
    for user in users:
        backend.put(user, "plan", [b"1"], LONG)
    node, _ = owner(cluster, slot_of("usr_0"))
    elsewhere = next(user for user in users if owner(cluster, slot_of(user))[0] is not node)
    node.kill()
    began = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        backend.put("usr_0", "plan", [b"2"], LONG)
    assert time.monotonic() - began < 2
    assert caught.value.applied is False
    wait_until(lambda: is_down(backend, elsewhere), seconds=20)
    node.restart()
    wait_until(lambda: all(cluster.is_ready(node) for node in cluster.nodes), seconds=30)
    for user in users:
        assert backend.put(user, "plan", [b"3"], LONG).created is False
    assert backend.totals().memories == 20


def slot_of(user: str) -> int:
    return int(redis.cluster.key_slot(f"{{{user}}}".encode()))


def is_down(backend: RedisBackend, user: str) -> bool:
    """Whether the user's own node, which is alive, serves nobody for want of the other."""
    try:
        backend.put(user, "plan", [b"2"], LONG)
    except StoreUnavailable as error:
        assert error.applied is False  # noqa: PT017
        assert "does not serve" in error.detail  # noqa: PT017
        return True
    return False
