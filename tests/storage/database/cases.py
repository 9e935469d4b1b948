"""What every method does to a store that fails, and who holds it up."""

import threading
from collections.abc import Callable

import pytest

from stash_memory.errors import StashError
from stash_memory.records import Caps
from tests.backends import DatabaseBackend
from tests.by_method import Get, Put
from tests.contract.cast import ALICE, LONG, slow_spend
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


def assert_says_nothing(error: StashError) -> None:
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
