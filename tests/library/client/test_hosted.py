"""The hosted client on a real server, over networks and under limits that are not kind to it."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from stash_memory import InvalidApiKey, PreconditionFailed, RateLimited, ScopeDenied, Stash, StoreUnavailable
from tests.library.client.forwarder import Forwarder
from tests.server_process import ServerProcess


@pytest.fixture
def wire(server: ServerProcess) -> Iterator[Forwarder]:
    wire = Forwarder(server.host, server.port)
    yield wire
    wire.close()


@pytest.fixture
def stash(server: ServerProcess, wire: Forwarder) -> Iterator[Stash]:
    with Stash(api_key=server.key, base_url=wire.url) as stash:
        stash.forget_many([entry.memory_id for entry in stash.list()])
        yield stash


def test_connections_are_used_again(stash: Stash, wire: Forwarder) -> None:
    for number in range(20):
        stash.set("a", number)
        assert stash.get("a") == number
    assert wire.connections == 1


def test_threads_have_connections_at_once(stash: Stash, wire: Forwarder) -> None:
    together = threading.Barrier(4)
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            together.wait(10)
            for number in range(10):
                stash.set(name, number)
                assert stash.get(name) == number
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(f"thread-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert wire.connections <= 4


@pytest.mark.parametrize(
    ("method", "act"),
    [
        ("PUT", lambda stash: stash.set("a", 2)),
        ("GET", lambda stash: stash.recall("a", extend=5)),
        ("PATCH", lambda stash: stash.update("a", 2)),
        ("DELETE", lambda stash: stash.forget("a")),
    ],
)
def test_what_is_safe_is_sent_again_when_its_answer_was_lost(
    stash: Stash, wire: Forwarder, method: str, act: Callable[[Stash], object]
) -> None:
    stash.set("a", 1)
    wire.lose(method)
    act(stash)
    assert wire.connections == 2
    assert stash.get("a") == {"PUT": 2, "PATCH": 2, "GET": 1, "DELETE": None}[method]


@pytest.mark.parametrize(
    ("method", "act", "left"),
    [
        ("PUT", lambda stash: stash.set("b", 1, if_absent=True), 2),
        ("PATCH", lambda stash: stash.transform("n", lambda n: n + 1), 1),
        ("PATCH", lambda stash: stash.extend("n", 5), 1),
        ("POST", lambda stash: stash.stash("once"), 2),
        ("POST", lambda stash: stash.set_many({"b": 1}), 2),
        ("DELETE", lambda stash: stash.forget_prefix("n"), 0),
    ],
)
def test_what_is_not_safe_was_done_once_and_is_said_to_be_unknown(
    stash: Stash, wire: Forwarder, method: str, act: Callable[[Stash], object], left: int
) -> None:
    stash.set("n", 1)
    wire.lose(method)
    with pytest.raises(StoreUnavailable, match="broke the connection off") as found:
        act(stash)
    assert found.value.applied == "unknown"
    assert len(list(stash.list())) == left
    assert stash.get("n", 1) <= 2


def test_a_server_that_starts_anew_is_found_again(own_server: Callable[..., ServerProcess]) -> None:
    server = own_server()
    with Stash(api_key=server.key, base_url=server.url) as stash:
        stash.set("a", 1)
        server.stop()
        with pytest.raises(StoreUnavailable):
            stash.get("a")
        server.restart()
        assert stash.get("a") == 1


def test_a_server_that_does_not_answer_is_given_up_in_time(own_server: Callable[..., ServerProcess]) -> None:
    server = own_server()
    patient = Stash(api_key=server.key, base_url=server.url)
    hasty = Stash(api_key=server.key, base_url=server.url, timeout=0.2, max_wait=0.5)
    with patient, hasty:
        patient.set("a", 1)
        with server.frozen():
            began = time.monotonic()
            with pytest.raises(StoreUnavailable, match=r"did not answer within 0\.2 seconds"):
                hasty.get("a")
            assert time.monotonic() - began < 5
        assert patient.get("a") == 1


def test_the_rate_limit_is_waited_for(server: ServerProcess) -> None:
    # The free tier: a burst of 10, and one more each second.
    key = server.create_key(f"free-{time.monotonic_ns()}@example.com", "--tier", "free")
    with Stash(api_key=key, base_url=server.url) as patient:
        began = time.monotonic()
        for number in range(12):
            patient.set("a", number)
        assert time.monotonic() - began > 1
        results = patient.set_many({f"many-{n}": n for n in range(3)})
        assert len(results) == 3
        assert patient.get_many(results) == {"many-0": 0, "many-1": 1, "many-2": 2}
    with Stash(api_key=key, base_url=server.url, max_wait=0.1) as hasty:
        with pytest.raises(RateLimited) as found:
            list(map(hasty.get, ["a"] * 30))
        assert 0 < found.value.retry_after <= 2
        with pytest.raises(RateLimited):
            hasty.set_many({f"many-{n}": n for n in range(30)})


def test_a_scope_is_kept(server: ServerProcess) -> None:
    key = server.create_key("scoped@example.com", "--prefix", "run-42/")
    reader = server.create_key("scoped@example.com", "--prefix", "run-42/", "--read-only")
    with (
        Stash(api_key=key, base_url=server.url) as stash,
        Stash(api_key=reader, base_url=server.url) as looks,
    ):
        memory = stash.stash("mine")
        assert memory.memory_id.startswith("run-42/")
        assert looks.get(memory.memory_id) == "mine"
        assert stash.namespace("run-42").exists(memory.memory_id.removeprefix("run-42/"))
        with pytest.raises(ScopeDenied):
            stash.set("elsewhere", 1)
        with pytest.raises(ScopeDenied):
            looks.set("run-42/a", 1)


def test_the_key_is_in_no_error_and_in_no_view_of_the_object(stash: Stash, server: ServerProcess) -> None:
    assert server.key not in repr(stash) + repr(stash.choice) + repr(stash.namespace("a"))
    stash.set("a", 1)
    with pytest.raises(PreconditionFailed) as found:
        stash.set("a", 1, if_absent=True)
    assert server.key not in repr(vars(found.value))
    wrong = server.key[:-1] + ("x" if server.key[-1] != "x" else "y")
    with Stash(api_key=wrong, base_url=server.url) as other, pytest.raises(InvalidApiKey) as refused:
        other.get("a")
    assert wrong not in repr(vars(refused.value)) + str(refused.value)


def test_no_proxy_stands_between_a_client_and_its_own_machine(
    stash: Stash, monkeypatch: pytest.MonkeyPatch, server: ServerProcess
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with Stash(api_key=server.key, base_url=server.url) as direct:
        direct.set("a", 1)
        assert direct.get("a") == 1
