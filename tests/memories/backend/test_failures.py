"""PostgreSQL stops, dies, comes back, fills up, and loses its patience."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from memories.backend import DatabaseBackend
from stash_memory.backends.base import Caps, Get, Put
from stash_memory.errors import StashError, StoreFull, StoreUnavailable
from tests.contract import databases
from tests.contract.cast import ALICE, LONG, content, slow_spend
from tests.servers.postgres_server import PostgresServer

POOL = {"min_size": 1, "max_size": 8, "timeout": 1, "reconnect_timeout": 0}
SECRET = b"nobody may read this in an error"

METHODS: dict[str, Callable[[DatabaseBackend], object]] = {
    "get": lambda b: b.get(ALICE, "plan"),
    "get with a token": lambda b: b.get(ALICE, "plan", spend=slow_spend(999)),
    "put": lambda b: b.put(ALICE, "plan", [SECRET], LONG),
    "put of a new one": lambda b: b.put(ALICE, "new", [SECRET], LONG),
    "put with all": lambda b: b.put(ALICE, "plan", [SECRET], LONG, spend=slow_spend(999), caps=Caps(9_999)),
    "large put": lambda b: b.put(ALICE, "large", [SECRET * 100_000], LONG),
    "update": lambda b: b.update(ALICE, "plan", body=[SECRET], extra_ms=1, max_ttl_ms=LONG),
    "delete": lambda b: b.delete(ALICE, "plan"),
    "delete_prefix": lambda b: b.delete_prefix(ALICE, "plan"),
    "page": lambda b: b.page(ALICE),
    "many": lambda b: b.many(ALICE, [Put("plan", [SECRET], LONG), Get("plan")]),
    "many gets": lambda b: b.many(ALICE, [Get("plan")]),
    "spend": lambda b: b.spend(ALICE, slow_spend(999)),
    "totals": lambda b: b.totals(),
    "purge": lambda b: b.purge(10),
}
every_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One of this file's own, to be stopped and killed."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def url(server: PostgresServer, django_db_blocker: Any) -> str:
    with django_db_blocker.unblock():
        return databases.new_postgres(server.create_database())


@pytest.fixture
def make(server: PostgresServer, url: str) -> Iterator[Callable[..., DatabaseBackend]]:
    """Makes backends: `make(pool=None, options="-c lock_timeout=200ms")`."""
    databases.emptied(url)
    aliases = []

    def make(pool: Any = POOL, **options: Any) -> DatabaseBackend:
        aliases.append(databases.postgres(url, pool, **options))
        return DatabaseBackend(aliases[-1])

    yield make
    for alias in aliases:
        databases.remove(alias)


@pytest.fixture(params=["pool", "no pool"])
def backend(request: pytest.FixtureRequest, make: Callable[..., DatabaseBackend]) -> DatabaseBackend:
    return make(POOL if request.param == "pool" else None)


def assert_says_nothing(error: StashError, url: str) -> None:
    """One sentence, without the address, the password, SQL or anyone's data."""
    for secret in [
        "open-sesame",
        "127.0.0.1",
        "postgres",
        "SELECT",
        "INSERT",
        "memories_",
        "nobody may",
        ALICE,
    ]:
        assert secret not in error.detail


@every_method
def test_a_stopped_server_is_told_of_at_once_and_forgiven_as_soon(
    server: PostgresServer, url: str, backend: DatabaseBackend, method: Callable[[DatabaseBackend], object]
) -> None:
    backend.put(ALICE, "plan", [b"before"], LONG)
    server.stop()
    started = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        method(backend)
    assert time.monotonic() - started < 2
    assert caught.value.applied is False
    assert_says_nothing(caught.value, url)
    server.restart()
    assert content(backend.get(ALICE, "plan")) == b"before"
    method(backend)


@every_method
def test_after_a_restart_the_first_request_works(
    server: PostgresServer, backend: DatabaseBackend, method: Callable[[DatabaseBackend], object]
) -> None:
    backend.put(ALICE, "plan", [b"before"], LONG)
    server.restart()
    method(backend)


def test_after_a_restart_every_dead_connection_of_a_pool_is_replaced(
    server: PostgresServer, make: Callable[..., DatabaseBackend]
) -> None:
    backend = make(POOL | {"min_size": 8})
    for _ in range(20):
        backend.put(ALICE, "plan", [b"before"], LONG)
    server.restart()
    for n in range(20):
        backend.put(ALICE, f"{n}", [b"after"], LONG)
    assert backend.totals(ALICE).memories == 21


def test_through_crashes_no_acknowledged_write_is_lost_and_no_denied_one_applied(
    server: PostgresServer, make: Callable[..., DatabaseBackend]
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
        server.kill()
        server.restart()
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


class Held:
    """Alice's plan, held by somebody else's transaction until `let_go`."""

    def __init__(self, server: PostgresServer, url: str) -> None:
        self._mine, self._other = server.connect(url), server.connect(url)
        self._mine.execute("BEGIN")
        self._mine.execute("SELECT 1 FROM memories_record WHERE id = 'plan' FOR UPDATE")

    def cut_off_who_waits(self) -> None:
        """Ends the connections of those who wait for it."""
        ended = (
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        while self._other.execute(ended).fetchone() == (0,):
            pass

    def let_go(self) -> None:
        self._mine.execute("ROLLBACK")
        self._mine.close()
        self._other.close()


def begin(method: Callable[[DatabaseBackend], object], backend: DatabaseBackend) -> Callable[[], object]:
    """Does it in a thread; the answer waits for it."""
    answers: list[object] = []

    def run() -> None:
        try:
            answers.append(method(backend))
        except StashError as error:
            answers.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def answer() -> object:
        thread.join(20)
        assert not thread.is_alive()
        return answers[0]

    return answer


def test_a_connection_lost_before_the_commit_is_tried_once_more(
    server: PostgresServer, url: str, backend: DatabaseBackend
) -> None:
    backend.put(ALICE, "plan", [b"before"], LONG)
    held = Held(server, url)
    answer = begin(METHODS["put with all"], backend)
    held.cut_off_who_waits()
    held.let_go()
    assert answer().size == len(SECRET)  # type: ignore[attr-defined]
    assert backend.spend(ALICE, slow_spend(999)).remaining == 997, "one token was spent, and not two"


def test_a_connection_lost_in_a_statement_that_commits_leaves_unknown(
    server: PostgresServer, url: str, backend: DatabaseBackend
) -> None:
    backend.put(ALICE, "plan", [b"before"], LONG)
    held = Held(server, url)
    answer = begin(METHODS["put"], backend)
    held.cut_off_who_waits()
    held.let_go()
    error = answer()
    assert isinstance(error, StoreUnavailable)
    assert error.applied == "unknown"
    assert_says_nothing(error, url)


@pytest.mark.parametrize("name", ["put", "put with all", "update", "delete", "many"])
def test_who_waits_too_long_is_told_that_nothing_was_applied(
    server: PostgresServer, url: str, make: Callable[..., DatabaseBackend], name: str
) -> None:
    backend = make(options="-c lock_timeout=100ms")
    backend.put(ALICE, "plan", [b"before"], LONG)
    held = Held(server, url)
    try:
        with pytest.raises(StoreUnavailable) as caught:
            METHODS[name](backend)
    finally:
        held.let_go()
    assert caught.value.applied is False
    assert content(backend.get(ALICE, "plan")) == b"before"


@pytest.fixture
def failing(server: PostgresServer, url: str) -> Iterator[Callable[[str, int], None]]:
    """`failing("53100", 3)`: the next three rows of records or chunks meet this SQLSTATE."""
    with server.connect(url) as db:
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
    url: str, backend: DatabaseBackend, failing: Callable[[str, int], None], name: str
) -> None:
    backend.put(ALICE, "plan", [b"before"], LONG)
    failing("53100", 1)
    with pytest.raises(StoreFull) as caught:
        METHODS[name](backend)
    assert_says_nothing(caught.value, url)
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
    url: str, backend: DatabaseBackend, failing: Callable[[str, int], None]
) -> None:
    failing("40P01", 1_000)
    started = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        backend.put(ALICE, "plan", [SECRET], LONG)
    assert time.monotonic() - started < 2
    assert caught.value.applied is False
    assert_says_nothing(caught.value, url)


def test_missing_tables_are_told_without_sql(server: PostgresServer) -> None:
    alias = databases.postgres(server.create_database(), POOL)
    with pytest.raises(StoreUnavailable, match=r"42P01.*migrations") as caught:
        DatabaseBackend(alias).put(ALICE, "plan", [SECRET], LONG)
    assert_says_nothing(caught.value, "")
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
