"""A purge beside a user on PostgreSQL who has its own lock alone, as each write with caps does."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stash_memory.backends.sql import clearing
from stash_memory.records import Caps, Purged
from storage.database import postgresql
from tests.contract import databases
from tests.contract.cast import ALICE, BOB, LONG
from tests.contract.crowd import in_threads
from tests.contract.engines import DatabasePostgresEngine
from tests.servers import shared
from tests.servers.process import wait_until
from tests.storage.database.stage import Stage

CAPS = Caps(10_000, 10_000_000)
WAITERS = b"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """With fifty expired records of Alice's, which no write clears."""
    monkeypatch.setattr(clearing, "EVERY", 1_000_000)
    engine = DatabasePostgresEngine(tmp_path)
    stage = Stage(engine)
    for n in range(50):
        stage.backend.put(ALICE, f"{n}", [b"1"], 1)
    stage.advance(5)
    yield stage
    engine.close()


@contextlib.contextmanager
def alices_lock_held() -> Iterator[None]:
    """Somebody else's transaction has Alice's lock alone."""
    with shared.postgres_server().connect(databases.postgres_url()) as db, db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(1400136051, %s)", [postgresql.lock_number(ALICE)])
        yield


def purging(stage: Stage) -> tuple[threading.Thread, list[Purged]]:
    """A purge in a thread of its own, and what it will have answered."""
    purged: list[Purged] = []
    thread = threading.Thread(target=lambda: purged.append(stage.backend.purge(1000)), daemon=True)
    thread.start()
    return thread, purged


def test_a_purge_waits_until_it_is_its_turn(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "PATIENCE", "30s")
    with alices_lock_held():
        thread, purged = purging(stage)
        wait_until(lambda: bool(stage.rows(WAITERS.decode())[0][0]))
    thread.join(30)
    assert purged == [(50, 50, False)]


def test_a_purge_does_not_wait_for_ever_and_says_that_more_is_there(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "PATIENCE", "50ms")
    with alices_lock_held():
        thread, purged = purging(stage)
        thread.join(30)
    assert purged == [(0, 0, True)]
    assert stage.backend.purge(1000) == (50, 50, False)


def test_while_one_is_busy_the_others_are_purged(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "PATIENCE", "50ms")
    stage.backend.put(BOB, "old", [b"1"], 1)
    stage.advance(5)
    with alices_lock_held():
        thread, purged = purging(stage)
        thread.join(30)
    assert purged == [(1, 1, True)]


def test_a_purge_gets_through_while_its_user_writes_with_caps_without_a_pause(stage: Stage) -> None:
    done = threading.Event()

    def write_or_purge(number: int) -> int:
        if number == 0:
            try:
                return stage.backend.purge(1000).memories
            finally:
                done.set()
        while not done.is_set():
            stage.backend.put(ALICE, f"live{number}", [b"1"], LONG, caps=CAPS)
        return 0

    assert in_threads(4, write_or_purge)[0] == 50
    stage.assert_usage_is_true()
