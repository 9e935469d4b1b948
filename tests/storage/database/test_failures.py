"""The database fills up, loses its patience, or is none of ours."""

import sqlite3
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connections

from stash_memory.errors import StashError, StoreFull, StoreUnavailable
from tests.backends import DatabaseBackend
from tests.contract import databases
from tests.contract.cast import ALICE, LONG, content, slow_spend
from tests.servers.postgres_server import PostgresServer
from tests.storage.database.cases import METHODS, POOL, SECRET, Held, assert_says_nothing
from tests.storage.database.stage import Stage


@pytest.mark.parametrize("name", ["put", "put with all", "update", "delete", "many"])
def test_who_waits_too_long_is_told_that_nothing_was_applied(
    own_server: PostgresServer, own_url: str, make: Callable[..., DatabaseBackend], name: str
) -> None:
    backend = make(options="-c lock_timeout=100ms")
    backend.put(ALICE, "plan", [b"before"], LONG)
    held = Held(own_server, own_url)
    try:
        with pytest.raises(StoreUnavailable) as caught:
            METHODS[name](backend)
    finally:
        held.let_go()
    assert caught.value.applied is False
    assert content(backend.get(ALICE, "plan")) == b"before"


@pytest.fixture
def failing(own_server: PostgresServer, own_url: str) -> Iterator[Callable[[str, int], None]]:
    """`failing("53100", 3)`: the next three rows of records or chunks meet this SQLSTATE."""
    with own_server.connect(own_url) as db:
        db.execute("CREATE SEQUENCE met")

        def begin(state: str, times: int) -> None:
            db.execute(
                "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF nextval('met') <= {times} THEN RAISE 'no' USING ERRCODE = '{state}'; END IF;"
                " RETURN NEW; END $$".encode()
            )
            for table in ("record", "chunk"):
                db.execute(
                    f"CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON memories_{table}"
                    " FOR EACH ROW EXECUTE FUNCTION fail()".encode()
                )

        yield begin
        db.execute("DROP FUNCTION fail CASCADE")
        db.execute("DROP SEQUENCE met")


@pytest.mark.parametrize("name", ["put", "put with all", "large put", "update", "many"])
def test_a_full_disk_is_told_and_nothing_was_stored(
    own_url: str, backend: DatabaseBackend, failing: Callable[[str, int], None], name: str
) -> None:
    backend.put(ALICE, "plan", [b"before"], LONG)
    failing("53100", 1)
    with pytest.raises(StoreFull) as caught:
        METHODS[name](backend)
    assert_says_nothing(caught.value)
    assert content(backend.get(ALICE, "plan")) == b"before"
    assert backend.totals(ALICE).memories == 1
    METHODS[name](backend)


@pytest.mark.parametrize("state", ["40P01", "40001"])
@pytest.mark.parametrize("name", ["put", "put with all", "large put", "update", "many"])
def test_a_conflict_is_tried_again(
    backend: DatabaseBackend, failing: Callable[[str, int], None], name: str, state: str
) -> None:
    backend.put(ALICE, "plan", [b"before"], LONG)
    failing(state, 3)
    METHODS[name](backend)
    if "all" in name:
        assert backend.spend(ALICE, slow_spend(999)).remaining == 997


def test_conflicts_without_end_are_told_in_time(
    own_url: str, backend: DatabaseBackend, failing: Callable[[str, int], None]
) -> None:
    failing("40P01", 1_000)
    started = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        backend.put(ALICE, "plan", [SECRET], LONG)
    assert time.monotonic() - started < 2
    assert caught.value.applied is False
    assert_says_nothing(caught.value)


def test_missing_tables_are_told_without_sql(own_server: PostgresServer) -> None:
    alias = databases.postgres(own_server.create_database(), POOL)
    with pytest.raises(StoreUnavailable, match=r"42P01.*migrations") as caught:
        DatabaseBackend(alias).put(ALICE, "plan", [SECRET], LONG)
    assert_says_nothing(caught.value)
    assert b"nobody" not in str(caught.value.__cause__).encode()
    databases.remove(alias)


def test_the_clients_clock_decides_nothing(backend: DatabaseBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    real_ns, real = time.time_ns, time.time
    first = backend.put(ALICE, "plan", [b"1"], LONG)
    drained = backend.spend(ALICE, slow_spend(1))
    for hours in (-1, 1):
        monkeypatch.setattr(time, "time_ns", lambda hours=hours: real_ns() + hours * 3600 * 10**9)
        monkeypatch.setattr(time, "time", lambda hours=hours: real() + hours * 3600)
        put = backend.put(ALICE, "new", [b"1"], LONG)
        got = backend.get(ALICE, "plan")
        assert 0 <= put.expires_at_ms - first.expires_at_ms < 60_000
        assert LONG - 60_000 < got.remaining_ms <= LONG
        assert backend.purge(100).memories == 0
        with pytest.raises(StashError):
            backend.spend(ALICE, slow_spend(1))
    assert drained.granted == 1


def test_a_closed_backend_says_so(backend: DatabaseBackend) -> None:
    backend.close()
    with pytest.raises(StoreUnavailable, match="closed"):
        backend.get(ALICE, "plan")


def test_other_databases_are_refused() -> None:
    alias = databases.add("dummy", ENGINE="django.db.backends.dummy")
    with pytest.raises(ValueError, match="PostgreSQL or SQLite"):
        DatabaseBackend(alias)
    deferred = databases.add("deferred", ENGINE="django.db.backends.sqlite3", NAME=":memory:")
    with pytest.raises(ValueError, match="IMMEDIATE"):
        DatabaseBackend(deferred)


def test_on_a_full_sqlite_file_nothing_was_stored(sqlite: Stage) -> None:
    sqlite.backend.put(ALICE, "plan", [b"before"], LONG)
    [(pages_used,)] = sqlite.rows("PRAGMA page_count")
    with connections[sqlite.alias].cursor() as cursor:
        cursor.execute(f"PRAGMA max_page_count = {pages_used}")
    for body in ([SECRET * 10_000], [SECRET * 100_000]):
        with pytest.raises(StoreFull) as caught:
            sqlite.backend.put(ALICE, "plan", body, LONG)
        assert_says_nothing(caught.value)
    assert content(sqlite.backend.get(ALICE, "plan")) == b"before"
    assert sqlite.backend.totals() == (1, 6)
    assert sqlite.count("chunk") == 0


def test_a_sqlite_file_that_somebody_holds_is_waited_for_and_then_given_up(sqlite: Stage) -> None:
    sqlite.backend.put(ALICE, "plan", [b"before"], LONG)
    with connections[sqlite.alias].cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    [(_, _, path)] = sqlite.rows("PRAGMA database_list")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for name in ("put", "put with all", "delete"):
        with pytest.raises(StoreUnavailable) as caught:
            METHODS[name](sqlite.backend)
        assert caught.value.applied is False
        assert_says_nothing(caught.value)
    assert content(sqlite.backend.get(ALICE, "plan")) == b"before"
    other.close()
    METHODS["put with all"](sqlite.backend)
