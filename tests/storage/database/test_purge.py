"""What a purge leaves behind: tombstones for a day, and of the rest nothing."""

import pytest

from stash_memory.backends.sql import clearing
from stash_memory.bucket import Spend
from stash_memory.errors import MemoryExpired, MemoryNotFound
from stash_memory.records import Caps
from tests.contract import databases
from tests.contract.cast import ALICE, BOB, DAY, LONG, SHORT, assert_expired, assert_not_found
from tests.servers import shared
from tests.storage.database.stage import Stage

CAPS = Caps(5_000, 10_000_000)


@pytest.fixture(autouse=True)
def writes_clear_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "EVERY", 1_000_000)


def keep(stage: Stage, count: int, ttl_ms: int = SHORT, size: int = 1) -> None:
    for n in range(count):
        stage.backend.put(ALICE, f"{n:04}", [b"x" * size], ttl_ms)


def test_an_expired_row_is_emptied_and_is_its_own_tombstone(stage: Stage) -> None:
    keep(stage, 3)
    stage.advance(SHORT)
    stage.backend.purge(1000)
    assert stage.count("record", "cleared AND body IS NULL AND chunks = 0") == 3
    assert_expired(stage.backend, ALICE, "0000")
    stage.backend.put(ALICE, "0000", [b"again"], LONG)
    stage.backend.delete(ALICE, "0000")
    assert_not_found(stage.backend, ALICE, "0000")
    assert stage.count("record") == 2


def test_after_a_day_the_row_goes(stage: Stage) -> None:
    keep(stage, 3)
    stage.advance(SHORT)
    stage.backend.purge(1000)
    stage.advance(DAY - 1)
    stage.backend.purge(1000)
    assert stage.count("record") == 3
    stage.advance(1)
    stage.backend.purge(1000)
    assert stage.count("record") == 0


def test_what_expired_over_a_day_ago_goes_at_once(stage: Stage) -> None:
    keep(stage, 3)
    stage.advance(SHORT + DAY)
    assert stage.backend.purge(1000) == (3, 3, False)
    assert stage.count("record") == 0
    assert_not_found(stage.backend, ALICE, "0000")


def test_the_thousand_tombstones_that_are_kept_are_the_newest(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clearing, "TRIM_EVERY", 0)
    monkeypatch.setattr(clearing, "REMEMBERED", 20)
    for n in range(100):
        stage.backend.put(ALICE, f"{n:04}", [b"1"], SHORT + n // 3)
        stage.backend.put(BOB, f"{n:04}", [b"1"], SHORT)
    stage.advance(SHORT + 100)
    while stage.backend.purge(30).more:
        pass
    for user in (ALICE, BOB):
        assert stage.count("record", f"user_id = '{user}'") == 20
    for n in range(80, 100):
        assert_expired(stage.backend, ALICE, f"{n:04}")
    with pytest.raises(MemoryNotFound):
        stage.backend.get(ALICE, "0000")


def test_trimming_takes_no_living_record(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "TRIM_EVERY", 0)
    monkeypatch.setattr(clearing, "REMEMBERED", 2)
    keep(stage, 10)
    stage.backend.put(ALICE, "live", [b"1"], LONG)
    stage.advance(SHORT)
    stage.backend.put(ALICE, "0009", [b"again"], LONG)
    stage.backend.purge(1000)
    assert stage.count("record", "cleared") == 2
    assert stage.backend.totals(ALICE) == (2, 6)


def test_surplus_tombstones_stay_few(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything a tenth of what it is: to write 6,000 rows one by one takes its time."""
    monkeypatch.setattr(clearing, "REMEMBERED", clearing.REMEMBERED // 10)
    monkeypatch.setattr(clearing, "TRIM_EVERY", clearing.TRIM_EVERY // 10)
    for _ in range(6):
        keep(stage, 50)
        stage.advance(SHORT)
        for n in range(50):
            stage.backend.put(ALICE, f"{n:04}/{stage.engine.now_ms()}", [b"1"], SHORT)
        stage.advance(SHORT)
        while stage.backend.purge(10).more:
            pass
    assert clearing.REMEMBERED <= stage.count("record") <= clearing.REMEMBERED + 50


def test_full_buckets_and_counters_at_zero_go(stage: Stage) -> None:
    stage.backend.put(ALICE, "plan", [b"1"], SHORT, caps=CAPS, spend=Spend(rate=10, burst=10))
    stage.backend.put(BOB, "plan", [b"1"], LONG, caps=CAPS, spend=Spend(rate=1 / 3600, burst=10))
    stage.advance(SHORT)
    stage.backend.purge(1000)
    assert stage.rows("SELECT user_id FROM memories_bucket") == [(BOB,)]
    assert stage.rows("SELECT user_id FROM memories_usage") == [(BOB,)]
    stage.assert_usage_is_true()


def test_a_purge_keeps_the_counters_true(stage: Stage) -> None:
    for user in (ALICE, BOB):
        stage.backend.put(user, "live", [b"12345"], LONG, caps=CAPS)
    keep(stage, 30)
    stage.advance(SHORT)
    stage.backend.purge(10)
    stage.assert_usage_is_true()
    stage.backend.purge(1000)
    stage.assert_usage_is_true()
    assert sorted(stage.rows("SELECT user_id, memories, bytes FROM memories_usage")) == [
        (ALICE, 1, 5),
        (BOB, 1, 5),
    ]


def test_a_batch_is_bounded_in_bytes_as_in_rows(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clearing, "BATCH_BYTES", 10_000)
    keep(stage, 25, size=1_000)
    stage.advance(SHORT)
    with stage.statements() as sent:
        assert stage.backend.purge(1000) == (25, 25_000, False)
    assert len([sql for sql in sent if sql.startswith("UPDATE memories_record")]) == 3


def test_oldest_first(stage: Stage) -> None:
    for n in (3, 1, 2):
        stage.backend.put(ALICE, f"{n}", [b"1"], n * 10)
    stage.advance(30)
    stage.backend.purge(1)
    assert stage.rows("SELECT id FROM memories_record WHERE cleared") == [("1",)]
    for n in (1, 2, 3):
        with pytest.raises(MemoryExpired):
            stage.backend.get(ALICE, f"{n}")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM memories_record WHERE NOT cleared AND expires_at_ms <= (SELECT 5)"
        " ORDER BY expires_at_ms LIMIT 64",
        "SELECT count(*), sum(size) FROM memories_record WHERE user_id = 'a' AND NOT cleared AND expires_at_ms <= 5",
        "SELECT * FROM memories_record WHERE cleared AND expires_at_ms <= (SELECT 5) ORDER BY expires_at_ms LIMIT 9",
        "SELECT id FROM memories_record WHERE user_id = 'a' AND cleared ORDER BY expires_at_ms DESC LIMIT 9",
        "SELECT id FROM memories_record WHERE user_id = 'a' AND id >= 'b' AND id < 'c' AND expires_at_ms > (SELECT 5)"
        " ORDER BY id LIMIT 9",
        "SELECT version FROM memories_large_body WHERE loose_since_ms IS NOT NULL AND loose_since_ms <= (SELECT 5)"
        " ORDER BY loose_since_ms LIMIT 1",
    ],
)
def test_what_is_asked_often_is_asked_of_an_index(stage: Stage, sql: str) -> None:
    if stage.alias.startswith("sqlite"):
        plan = stage.rows("EXPLAIN QUERY PLAN " + sql)
        assert not any(str(step[3]).startswith(("SCAN memories", "USE TEMP")) for step in plan), plan
    else:
        with shared.postgres_server().connect(databases.postgres_url(by_hand=True)) as db:
            # Few rows are read faster without an index: whether there is one for it is the question.
            db.execute("SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off")
            plan = db.execute(f"EXPLAIN {sql}".encode()).fetchall()
        assert not any("Seq Scan" in str(step) or "Sort" in str(step) for step in plan), plan
