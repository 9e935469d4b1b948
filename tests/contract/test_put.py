"""Creating and replacing."""

import pytest

from stash_memory.errors import PreconditionFailed
from tests.contract.cast import (
    ALICE,
    LONG,
    SHORT,
    assert_expired,
    assert_missing,
    assert_not_found,
    content,
    ids,
)
from tests.contract.engines import Engine


def test_a_put_answers_what_was_kept_and_an_empty_body(engine: Engine) -> None:
    now_ms = engine.now_ms()
    record = engine.backend.put(ALICE, "plan", [b"12", b"345"], LONG)
    assert content(record) == b""
    assert record.size == 5
    assert record.version
    assert engine.near(record.expires_at_ms, now_ms + LONG)
    assert engine.near(record.remaining_ms, LONG)


def test_what_a_put_answers_is_what_a_get_finds(engine: Engine) -> None:
    put = engine.backend.put(ALICE, "plan", [b"12345"], LONG)
    got = engine.backend.get(ALICE, "plan")
    assert (got.size, got.version, got.expires_at_ms) == (put.size, put.version, put.expires_at_ms)


def test_a_put_on_a_new_id_creates(engine: Engine) -> None:
    assert engine.backend.put(ALICE, "plan", [b"1"], LONG).created is True


def test_a_put_on_a_live_id_does_not_create(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    assert engine.backend.put(ALICE, "plan", [b"2"], LONG).created is False


def test_a_put_on_an_expired_id_creates(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT)
    assert engine.backend.put(ALICE, "plan", [b"2"], LONG).created is True


def test_a_put_on_a_deleted_id_creates(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    engine.backend.delete(ALICE, "plan")
    assert engine.backend.put(ALICE, "plan", [b"2"], LONG).created is True


def test_a_put_replaces_the_whole_body(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"a long one", b"in two"], LONG)
    record = engine.backend.put(ALICE, "plan", [b"short"], LONG)
    assert record.size == 5
    got = engine.backend.get(ALICE, "plan")
    assert (content(got), got.size) == (b"short", 5)


@pytest.mark.parametrize("ttl_ms", [LONG // 2, LONG * 2], ids=["shorter", "longer"])
def test_a_put_sets_the_life_anew(engine: Engine, ttl_ms: int) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    now_ms = engine.now_ms()
    record = engine.backend.put(ALICE, "plan", [b"2"], ttl_ms)
    assert engine.near(record.expires_at_ms, now_ms + ttl_ms)
    assert engine.backend.get(ALICE, "plan").expires_at_ms == record.expires_at_ms


def test_a_put_with_a_shorter_life_expires_at_the_new_instant(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    record = engine.backend.put(ALICE, "plan", [b"2"], SHORT)
    engine.advance(SHORT)
    assert assert_expired(engine.backend, ALICE, "plan") == record.expires_at_ms
    assert engine.backend.totals(ALICE) == engine.backend.totals() == (0, 0)
    assert engine.backend.purge(1000).more is False
    assert assert_expired(engine.backend, ALICE, "plan") == record.expires_at_ms


def test_a_put_with_a_longer_life_outlives_the_old_one(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.backend.put(ALICE, "plan", [b"2"], LONG)
    engine.advance(SHORT)
    engine.backend.purge(100)
    assert content(engine.backend.get(ALICE, "plan")) == b"2"


def test_if_absent_creates_what_is_not_there(engine: Engine) -> None:
    assert engine.backend.put(ALICE, "plan", [b"1"], LONG, if_absent=True).created is True
    assert content(engine.backend.get(ALICE, "plan")) == b"1"


def test_if_absent_leaves_a_live_record_as_it_is(engine: Engine) -> None:
    before = engine.backend.put(ALICE, "plan", [b"1"], LONG)
    with pytest.raises(PreconditionFailed):
        engine.backend.put(ALICE, "plan", [b"22"], LONG * 2, if_absent=True)
    after = engine.backend.get(ALICE, "plan")
    assert (content(after), after.version) == (b"1", before.version)
    assert after.expires_at_ms == before.expires_at_ms


def test_if_absent_creates_where_a_record_has_expired(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT)
    engine.backend.put(ALICE, "plan", [b"2"], LONG, if_absent=True)
    assert content(engine.backend.get(ALICE, "plan")) == b"2"


def test_if_version_replaces_that_version(engine: Engine) -> None:
    version = engine.backend.put(ALICE, "plan", [b"1"], LONG).version
    record = engine.backend.put(ALICE, "plan", [b"2"], LONG, if_version=version)
    assert record.created is False
    assert content(engine.backend.get(ALICE, "plan")) == b"2"


def test_if_version_leaves_another_version_as_it_is(engine: Engine) -> None:
    old = engine.backend.put(ALICE, "plan", [b"1"], LONG).version
    before = engine.backend.put(ALICE, "plan", [b"2"], LONG)
    with pytest.raises(PreconditionFailed):
        engine.backend.put(ALICE, "plan", [b"333"], LONG * 2, if_version=old)
    after = engine.backend.get(ALICE, "plan")
    assert (content(after), after.version) == (b"2", before.version)
    assert after.expires_at_ms == before.expires_at_ms


def test_if_version_creates_nothing_where_nothing_was(engine: Engine) -> None:
    with pytest.raises(PreconditionFailed):
        engine.backend.put(ALICE, "plan", [b"1"], LONG, if_version="0123456789abcdef")
    assert_not_found(engine.backend, ALICE, "plan")


def test_if_version_does_not_bring_an_expired_record_back(engine: Engine) -> None:
    record = engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT)
    with pytest.raises(PreconditionFailed):
        engine.backend.put(ALICE, "plan", [b"2"], LONG, if_version=record.version)
    assert assert_expired(engine.backend, ALICE, "plan") == record.expires_at_ms


def test_if_version_does_not_bring_a_deleted_record_back(engine: Engine) -> None:
    record = engine.backend.put(ALICE, "plan", [b"1"], LONG)
    engine.backend.delete(ALICE, "plan")
    with pytest.raises(PreconditionFailed):
        engine.backend.put(ALICE, "plan", [b"2"], LONG, if_version=record.version)
    assert_not_found(engine.backend, ALICE, "plan")


def test_an_empty_if_version_is_a_version_like_any_other(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    with pytest.raises(PreconditionFailed):
        engine.backend.put(ALICE, "plan", [b"2"], LONG, if_version="")
    assert content(engine.backend.get(ALICE, "plan")) == b"1"


def test_a_refused_put_is_not_listed(engine: Engine) -> None:
    with pytest.raises(PreconditionFailed):
        engine.backend.put(ALICE, "plan", [b"1"], LONG, if_version="0123456789abcdef")
    assert ids(engine.backend, ALICE) == []
    assert engine.backend.totals(ALICE) == (0, 0)


def test_the_shortest_life_is_a_millisecond(exact_engine: Engine) -> None:
    engine = exact_engine
    assert engine.backend.put(ALICE, "plan", [b"1"], 1).remaining_ms == 1
    assert engine.backend.get(ALICE, "plan").remaining_ms == 1
    engine.advance(1)
    assert_missing(engine.backend, ALICE, "plan")


def test_a_life_of_years_is_kept_to_the_millisecond(engine: Engine) -> None:
    ttl_ms = 10 * 365 * 86_400_000 + 1
    now_ms = engine.now_ms()
    record = engine.backend.put(ALICE, "plan", [b"1"], ttl_ms)
    assert engine.near(record.expires_at_ms, now_ms + ttl_ms)
    assert engine.backend.get(ALICE, "plan").expires_at_ms == record.expires_at_ms
