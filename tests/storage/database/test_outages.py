"""PostgreSQL stops, dies and comes back."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stash_memory.errors import StoreUnavailable
from tests.backends import DatabaseBackend
from tests.contract.cast import ALICE, LONG, content, slow_spend
from tests.servers.postgres_server import PostgresServer
from tests.storage.database.cases import METHODS, POOL, SECRET, Held, assert_says_nothing, begin, every_method


@every_method
def test_a_stopped_server_is_told_of_at_once_and_forgiven_as_soon(
    own_server: PostgresServer,
    own_url: str,
    backend: DatabaseBackend,
    method: Callable[[DatabaseBackend], object],
) -> None:
    backend.put(ALICE, "plan", [b"before"], LONG)
    own_server.stop()
    started = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        method(backend)
    assert time.monotonic() - started < 2
    assert caught.value.applied is False
    assert_says_nothing(caught.value)
    own_server.restart()
    assert content(backend.get(ALICE, "plan")) == b"before"
    method(backend)


@every_method
def test_after_a_restart_the_first_request_works(
    own_server: PostgresServer, backend: DatabaseBackend, method: Callable[[DatabaseBackend], object]
) -> None:
    backend.put(ALICE, "plan", [b"before"], LONG)
    own_server.restart()
    method(backend)


def test_after_a_restart_every_dead_connection_of_a_pool_is_replaced(
    own_server: PostgresServer, make: Callable[..., DatabaseBackend]
) -> None:
    backend = make(POOL | {"min_size": 8})
    for _ in range(20):
        backend.put(ALICE, "plan", [b"before"], LONG)
    own_server.restart()
    for n in range(20):
        backend.put(ALICE, f"{n}", [b"after"], LONG)
    assert backend.totals(ALICE).memories == 21


def test_through_crashes_no_acknowledged_write_is_lost_and_no_denied_one_applied(
    own_server: PostgresServer, make: Callable[..., DatabaseBackend]
) -> None:
    backend = make()
    done = threading.Event()
    written: dict[str, object] = {}

    def write(n: int) -> None:
        for m in itertools.count():
            if done.is_set():
                return
            name, spend = f"{n}/{m}", slow_spend(100_000) if m % 2 else None
            try:
                backend.put(ALICE, name, [name.encode()], LONG, spend=spend)
                written[name] = True
            except StoreUnavailable as error:
                written[name] = error.applied

    threads = [threading.Thread(target=write, args=(n,), daemon=True) for n in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(6):
        time.sleep(0.3)
        own_server.kill()
        own_server.restart()
    time.sleep(0.3)
    done.set()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    kept = {entry.id for entry in pages(backend)}
    assert sum(1 for applied in written.values() if applied is True) > 100
    for name, applied in written.items():
        if applied != "unknown":
            assert (name in kept) is applied, name
    assert backend.spend(ALICE, slow_spend(100_001)).granted == 1


def pages(backend: DatabaseBackend) -> Iterator[Any]:
    cursor = None
    while True:
        page = backend.page(ALICE, "", cursor, 1000)
        yield from page.entries
        if (cursor := page.cursor) is None:
            return


def test_a_connection_lost_before_the_commit_is_tried_once_more(
    own_server: PostgresServer, own_url: str, backend: DatabaseBackend
) -> None:
    backend.put(ALICE, "plan", [b"before"], LONG)
    held = Held(own_server, own_url)
    answer = begin(METHODS["put with all"], backend)
    held.cut_off_who_waits()
    held.let_go()
    assert answer().size == len(SECRET)  # type: ignore[attr-defined]
    assert backend.spend(ALICE, slow_spend(999)).remaining == 997, "one token was spent, and not two"


def test_a_connection_lost_in_a_statement_that_commits_leaves_unknown(
    own_server: PostgresServer, own_url: str, backend: DatabaseBackend
) -> None:
    backend.put(ALICE, "plan", [b"before"], LONG)
    held = Held(own_server, own_url)
    answer = begin(METHODS["put"], backend)
    held.cut_off_who_waits()
    held.let_go()
    error = answer()
    assert isinstance(error, StoreUnavailable)
    assert error.applied == "unknown"
    assert_says_nothing(error)
