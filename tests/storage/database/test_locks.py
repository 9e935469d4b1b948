"""Many at once on PostgreSQL: nobody meets in a deadlock, and every sum comes out."""

import contextlib
import itertools
import random
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from stash_memory.backends.sql import clearing
from stash_memory.bucket import Spend
from stash_memory.errors import StashError, StoreFull, StoreUnavailable
from stash_memory.records import Caps
from storage.database import postgresql
from tests.backends import DatabaseBackend
from tests.by_method import Delete, Get, Put, Update
from tests.contract import databases
from tests.contract.cast import ALICE, LONG, content
from tests.contract.crowd import in_threads
from tests.contract.engines import DatabasePostgresEngine
from tests.servers import shared
from tests.storage.database.stage import Stage

USERS = [f"usr_{n}" for n in range(5)]
CAPS = Caps(40, 4_000)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """On the server's own clock, with a look at its log."""
    before = len(shared.postgres_server().log)
    engine = DatabasePostgresEngine(tmp_path)
    yield Stage(engine)
    engine.close()
    said = shared.postgres_server().log[before:]
    assert "deadlock" not in said
    assert "ERROR" not in said


def anything(backend: DatabaseBackend, chance: random.Random, granted: "Counter[str]") -> None:
    """One method of the contract's, or another, for one of a few users and on one of a few ids."""
    user = chance.choice(USERS)
    name = f"{chance.randrange(12)}"
    body = [b"x" * chance.randrange(200)]
    ttl_ms = chance.choice([1, 5, LONG])
    caps = chance.choice([None, CAPS])
    spend = chance.choice([None, Spend(rate=1 / 3600, burst=200)])
    try:
        match chance.randrange(9):
            case 0 | 1 | 2:
                backend.put(user, name, body, ttl_ms, caps=caps, spend=spend, if_absent=chance.random() < 0.3)
            case 3:
                backend.update(user, name, body=body, max_ttl_ms=LONG, caps=caps, spend=spend)
            case 4:
                backend.update(user, name, extra_ms=5, max_ttl_ms=LONG, spend=spend)
            case 5:
                backend.delete(user, name, spend=spend)
            case 6:
                backend.delete_prefix(user, name, spend=spend)
            case 7:
                names = [f"{n}" for n in chance.sample(range(12), 5)]
                backend.many(
                    user,
                    [
                        Put(names[0], body, ttl_ms, caps=caps),
                        Update(names[1], body, max_ttl_ms=LONG),
                        Delete(names[2]),
                        Get(names[3]),
                        Put(names[4], body, ttl_ms),
                    ],
                )
            case 8:
                backend.purge(20)
    finally:
        if spend is not None and spend.bucket is not None:
            granted[user] += spend.bucket.granted


@pytest.mark.parametrize("seed", range(3))
def test_nobody_waits_for_ever_and_usage_stays_true(
    stage: Stage, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearing, "EVERY", 2)
    failures: list[StashError] = []

    def run(n: int) -> Counter[str]:
        chance, granted = random.Random(seed * 100 + n), Counter[str]()
        for _ in range(150):
            try:
                anything(stage.backend, chance, granted)
            except (StoreUnavailable, StoreFull) as error:
                failures.append(error)
            except StashError:
                pass
        return granted

    granted = sum(in_threads(8, run), Counter())
    assert failures == []
    stage.assert_usage_is_true()
    for user in USERS:
        assert granted[user] <= 200
        left = stage.backend.spend(user, Spend(rate=1 / 3600, burst=201)).remaining
        assert left == 200 - granted[user]


def test_counting_begins_exactly_in_the_midst_of_writes(stage: Stage) -> None:
    def run(n: int) -> None:
        for m in range(30):
            caps = CAPS._replace(memories=10_000, bytes=None) if n == 0 and m > 2 else None
            stage.backend.put(f"usr_{m}", f"{n}", [b"x" * n], LONG, caps=caps)

    in_threads(8, run)
    assert stage.count("usage") == 27
    stage.assert_usage_is_true()


def test_users_whose_locks_have_one_number_do_not_meet(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "lock_number", lambda user: 7)

    def run(n: int) -> None:
        for m in range(20):
            stage.backend.put(f"usr_{n % 3}", f"{n}/{m}", [b"1"], LONG, caps=CAPS if n % 2 else None)

    with contextlib.suppress(StashError):
        in_threads(6, run)
    stage.assert_usage_is_true()


def test_batches_in_opposite_order_take_turns(stage: Stage) -> None:
    names = [f"{n}" for n in range(20)]

    def run(n: int) -> None:
        for m in range(10):
            ordered = names if (n + m) % 2 else names[::-1]
            stage.backend.many(ALICE, [Put(name, [f"{n}/{m}".encode()], LONG) for name in ordered])

    in_threads(6, run)
    bodies = {content(stage.backend.get(ALICE, name)) for name in names}
    assert len(bodies) == 1, "the last batch wrote them all"


def test_a_put_that_took_its_turn_is_seen_by_the_next(stage: Stage) -> None:
    """The head is read again where another made the row between the look at it and the insert."""
    made = itertools.count()

    def run(n: int) -> int:
        created = 0
        for m in range(30):
            record = stage.backend.put(ALICE, f"{m}", [b"1"], LONG, spend=Spend(1e6, 10**6))
            created += record.created
            next(made)
        return created

    assert sum(in_threads(8, run)) == 30
    assert stage.backend.totals(ALICE) == (30, 30)


def test_a_writer_does_not_wait_for_what_another_clears(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as quietly:
        quietly.setattr(clearing, "EVERY", 1_000_000)
        expire(stage)
    with alices_rows_held():
        done = threading.Event()

        def write() -> None:
            for n in range(100):
                stage.backend.put("usr_bob", f"{n}", [b"1"], LONG)
            stage.backend.purge(100)
            done.set()

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        assert done.wait(10), "it waited for rows that somebody else holds"
    assert stage.count("record", "cleared") == 0
    assert stage.backend.purge(100).memories == 50


def expire(stage: Stage) -> None:
    """Fifty of Alice's."""
    for n in range(50):
        stage.backend.put(ALICE, f"{n}", [b"1"], 1)
    stage.advance(5)


@contextlib.contextmanager
def alices_rows_held() -> Iterator[None]:
    """Somebody else's transaction holds every row of Alice's."""
    with (
        shared.postgres_server().connect(databases.postgres_url()) as db,
        db.transaction(),
    ):
        db.execute("SELECT 1 FROM memories_record WHERE user_id = 'usr_alice' FOR UPDATE")
        yield
