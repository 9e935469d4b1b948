"""Redis freezes or dies in the midst of a large answer: what came is thrown away, and what comes late is nobody's."""

from collections.abc import Callable
from typing import Any

import pytest

from stash_memory.backends.redis import connect
from stash_memory.backends.redis.link import DirectLink
from stash_memory.backends.redis.wire import NodeWire
from stash_memory.errors import StoreUnavailable
from tests.backends import RedisBackend
from tests.contract.cast import ALICE, BOB, LONG, content
from tests.servers.process import wait_until
from tests.servers.redis_server import RedisServer

OwnServer = Callable[..., RedisServer]
# More than the kernel keeps for a socket on its two sides.
LARGE = b"+OK\r\n" * 5_000_000
BODIES = {ALICE: b"alice" * 300_000, BOB: b"bob" * 500_000}

FAULTS = {"freezes": (RedisServer.pause, RedisServer.resume), "dies": (RedisServer.kill, RedisServer.restart)}
each_fault = pytest.mark.parametrize(("fault", "heal"), FAULTS.values(), ids=FAULTS.keys())


def answers(work: Callable[[], object]) -> bool:
    """Whether it is answered by now."""
    try:
        work()
    except StoreUnavailable:
        return False
    return True


@each_fault
@pytest.mark.parametrize("nested", [False, True], ids=["alone", "among others"])
def test_half_of_a_value(
    own_server: OwnServer,
    monkeypatch: pytest.MonkeyPatch,
    nested: bool,
    fault: Callable[[RedisServer], None],
    heal: Callable[[RedisServer], None],
) -> None:
    server = own_server()
    with server.client() as client:
        client.set("large", LARGE)
    wire = NodeWire(connect(server.url, socket_timeout=0.5))
    assert wire.ask(b"", (b"ECHO", b"before"), write=False) == [b"before"]
    receive = DirectLink._receive

    def and_then(link: DirectLink, buffer: Any) -> int:
        count = receive(link, buffer)
        monkeypatch.setattr(DirectLink, "_receive", receive)
        fault(server)
        return count

    monkeypatch.setattr(DirectLink, "_receive", and_then)
    with pytest.raises(StoreUnavailable) as caught:
        wire.ask(b"large", (b"MGET", b"none", b"large") if nested else (b"GET", b"large"), write=False)
    assert caught.value.applied is False
    heal(server)

    wait_until(lambda: answers(lambda: wire.ask(b"", (b"PING",), write=False)))
    for number in range(20):
        assert wire.ask(b"", (b"ECHO", number), write=False) == [b"%d" % number]
    wire.close()


@each_fault
def test_half_of_the_pieces(
    own_server: OwnServer,
    opened: Callable[..., RedisBackend],
    fault: Callable[[RedisServer], None],
    heal: Callable[[RedisServer], None],
) -> None:
    server = own_server(persistent=True)
    for user, body in BODIES.items():
        opened(server.url).put(user, "plan", [body], LONG)
    backend = opened(server.url, socket_timeout=0.5)
    pieces = iter(backend.get(ALICE, "plan").body)
    begun = bytes(next(pieces))
    fault(server)
    with pytest.raises(StoreUnavailable) as caught:
        list(pieces)
    assert caught.value.applied is False
    heal(server)

    wait_until(lambda: answers(lambda: backend.get(BOB, "plan")))
    for user, body in BODIES.items():
        assert content(backend.get(user, "plan")) == body
    assert BODIES[ALICE].startswith(begun)
