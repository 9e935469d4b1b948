"""What a broken Redis comes to: one clear error, soon, that says whether the write was applied."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from stash_memory.backends.redis import connect
from stash_memory.bucket import Spend
from stash_memory.errors import Applied, StashError, StoreUnavailable
from tests.backends import RedisBackend
from tests.by_method import Get, Put
from tests.contract.cast import ALICE, LONG, content, slow_spend
from tests.library.sqlite.children import forked
from tests.servers.process import free_port
from tests.servers.redis_server import RedisServer

SOON_S = 2.0

Opened = Callable[..., RedisBackend]
OwnServer = Callable[..., RedisServer]


def unavailable(work: Callable[[], object]) -> StoreUnavailable:
    """The StoreUnavailable that the work raises within two seconds."""
    began = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        work()
    assert time.monotonic() - began < SOON_S
    return caught.value


def put(backend: RedisBackend, id: str = "plan", data: bytes = b"1") -> None:
    backend.put(ALICE, id, [data], LONG)


METHODS: dict[str, Callable[[RedisBackend], object]] = {
    "get": lambda backend: backend.get(ALICE, "plan"),
    "put": put,
    "put of a large one": lambda backend: put(backend, data=b"x" * 3_000_000),
    "update": lambda backend: backend.update(ALICE, "plan", body=[b"2"], max_ttl_ms=LONG),
    "delete": lambda backend: backend.delete(ALICE, "plan"),
    "delete_prefix": lambda backend: backend.delete_prefix(ALICE, ""),
    "page": lambda backend: backend.page(ALICE),
    "many": lambda backend: backend.many(ALICE, [Get("plan"), Put("plan", [b"2"], LONG)]),
    "spend": lambda backend: backend.spend(ALICE, slow_spend()),
    "totals of one": lambda backend: backend.totals(ALICE),
    "totals": lambda backend: backend.totals(),
    "purge": lambda backend: backend.purge(10),
}
every_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())


@every_method
def test_nobody_listens(opened: Opened, method: Callable[[RedisBackend], object]) -> None:
    port = free_port()
    error = unavailable(lambda: method(opened(f"redis://someone:s3cret@127.0.0.1:{port}/3")))
    assert error.applied is False
    assert f"127.0.0.1:{port}" in error.detail
    assert "s3cret" not in error.detail


def test_a_cluster_where_nobody_listens() -> None:
    error = unavailable(lambda: connect(f"redis://:s3cret@127.0.0.1:{free_port()}/?cluster=true"))
    assert error.applied is False
    assert "s3cret" not in error.detail


def test_a_wrong_password_is_not_repeated(own_server: OwnServer, opened: Opened) -> None:
    server = own_server()
    with server.client() as client:
        client.config_set("requirepass", "right")
    for url in (server.url, server.url.replace("//", "//:s3cret@")):
        error = unavailable(lambda url=url: put(opened(url)))
        assert error.applied is False
        assert "password" in error.detail
        assert "s3cret" not in error.detail


@pytest.mark.parametrize(
    "url",
    [
        "http://:s3cret@host",
        "redis://:s3#cret@host:6379",
        "redis://:3#cret@host:6379",
        "redis://:s3cret@host:port",
        "redis://:s3cret@host?no_such_option=1",
        "redis+sentinel://:s3cret@h",
        "",
    ],
)
def test_what_is_no_url_is_said_without_quoting_it(url: str) -> None:
    with pytest.raises(ValueError, match="not the URL of a Redis") as caught:
        connect(url)
    assert "cret" not in str(caught.value)


def test_killed_and_back(own_server: OwnServer, opened: Opened) -> None:
    server = own_server(persistent=True)
    backend = opened(server.url)
    put(backend)
    server.kill()
    assert unavailable(lambda: put(backend, "two")).applied is False
    assert unavailable(lambda: backend.get(ALICE, "plan")).applied is False
    server.restart()
    assert content(backend.get(ALICE, "plan")) == b"1"
    put(backend, "two")


def test_back_before_anyone_noticed(own_server: OwnServer, opened: Opened) -> None:
    server = own_server(persistent=True)
    backend = opened(server.url)
    put(backend)
    server.kill()
    server.restart()
    put(backend, "two")
    assert content(backend.get(ALICE, "plan")) == b"1"


@every_method
def test_frozen(own_server: OwnServer, opened: Opened, method: Callable[[RedisBackend], object]) -> None:
    server = own_server()
    backend = opened(server.url, socket_timeout=0.2)
    put(backend)
    server.pause()
    error = unavailable(lambda: method(backend))
    server.resume()
    writes = method in (METHODS[name] for name in ("put", "update", "delete", "delete_prefix", "many"))
    expected: Applied = "unknown" if writes else False
    assert error.applied == expected


def test_a_child_forked_while_a_thread_asks_whether_it_is_back_asks_for_itself(
    own_server: OwnServer, opened: Opened
) -> None:
    server = own_server()
    backend = opened(server.url, socket_timeout=0.8)
    put(backend)
    server.pause()
    unavailable(lambda: backend.get(ALICE, "plan"))
    asking = threading.Event()
    thread = threading.Thread(target=lambda: ask_and_tell(backend, asking))
    thread.start()
    asking.wait()
    time.sleep(0.1)

    def child() -> object:
        # (Popen signals no process that is not its own child.)
        os.kill(server.pid, signal.SIGCONT)
        return bytes(content(backend.get(ALICE, "plan"))).decode()

    assert forked(child) == {"answer": "1"}
    thread.join()


def ask_and_tell(backend: RedisBackend, asking: threading.Event) -> None:
    """A recall that pings a frozen server for 0.3 s, and tells when it begins."""
    asking.set()
    with suppress(StoreUnavailable):
        backend.get(ALICE, "plan")


def test_frozen_for_long_and_back(own_server: OwnServer, opened: Opened) -> None:
    server = own_server()
    backend = opened(server.url)
    put(backend)
    server.pause()
    began = time.monotonic()
    while time.monotonic() - began < 5:
        unavailable(lambda: backend.get(ALICE, "plan"))
        unavailable(lambda: put(opened(server.url)))
    server.resume()
    assert content(backend.get(ALICE, "plan")) == b"1"
    put(backend, "two")


def test_a_write_is_sent_once(own_server: OwnServer, opened: Opened) -> None:
    """Also over a client that was told to try again, as redis-py's are where nothing is said."""
    import redis

    server = own_server()
    eager = redis.Redis(port=server.port, socket_timeout=0.3)
    backend = RedisBackend(eager)
    backend.spend(ALICE, Spend(rate=0.001, burst=10))
    server.pause()
    error = unavailable(lambda: backend.spend(ALICE, Spend(rate=0.001, burst=10)))
    assert error.applied is False
    server.resume()
    assert backend.spend(ALICE, Spend(rate=0.001, burst=10)).remaining == 7
    backend.close()


def test_a_replica_takes_no_writes(own_server: OwnServer, opened: Opened) -> None:
    primary = own_server(repl_diskless_sync_delay=0)
    replica = own_server(replicaof=f"127.0.0.1 {primary.port}")
    error = unavailable(lambda: put(opened(replica.url)))
    assert error.applied is False
    assert "replica" in error.detail


def test_too_many_clients(own_server: OwnServer, opened: Opened) -> None:
    server = own_server(maxclients=1)
    with server.client() as client:
        client.ping()
        error = unavailable(lambda: put(opened(server.url)))
    assert error.applied is False
    assert "maxclients" in error.detail


def test_a_server_that_is_loading_its_data(own_server: OwnServer, opened: Opened) -> None:
    server = own_server(persistent=True, enable_debug_command="yes")
    with server.client() as client:
        client.execute_command("DEBUG", "POPULATE", 200_000, "padding", 100)
        client.config_set("key-load-delay", 2000)
        client.config_set("loading-process-events-interval-bytes", 1024)
        loader = server.client(socket_timeout=0.05)
        with pytest.raises(Exception, match=r"(?i)time"):
            loader.execute_command("DEBUG", "RELOAD")
        loader.close()
    # It saves what it has first, and answers nobody meanwhile.
    with server.client(socket_timeout=30) as client:
        assert client.info("persistence")["loading"]
    error = unavailable(lambda: put(opened(server.url)))
    assert error.applied is False
    assert "loading" in error.detail
    server.kill()


def test_a_closed_backend_says_so(server: RedisServer) -> None:
    backend = RedisBackend(connect(server.url))
    put(backend)
    backend.close()
    for method in METHODS.values():
        with pytest.raises(StashError, match="closed"):
            method(backend)


def test_a_database_and_a_password_in_the_url(own_server: OwnServer, opened: Opened) -> None:
    server = own_server()
    with server.client() as client:
        client.config_set("requirepass", "p@ss:w/rd#1")
    put(opened(f"redis://:p%40ss%3Aw%2Frd%231@127.0.0.1:{server.port}/5"))
    with server.client(password="p@ss:w/rd#1", db=5) as client:
        assert client.exists("user:{usr_alice}:plan")


def test_a_unix_socket(own_server: OwnServer, opened: Opened) -> None:
    server = own_server(unixsocket="here.sock")
    path = server.folder / "here.sock"
    backend = opened(f"unix://{path}")
    put(backend)
    assert content(backend.get(ALICE, "plan")) == b"1"
    server.kill()
    assert str(path) in unavailable(lambda: put(backend)).detail
