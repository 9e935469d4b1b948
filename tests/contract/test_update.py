"""Replacing the data of what is there, and who may."""

import pytest

from stash_memory.errors import MemoryExpired, MemoryNotFound, PreconditionFailed
from tests.contract.cast import ALICE, LONG, SHORT, assert_expired, assert_not_found, content
from tests.contract.engines import Engine


def test_an_update_replaces_the_body_and_leaves_the_expiry(engine: Engine) -> None:
    put = engine.backend.put(ALICE, "plan", [b"before"], LONG)
    engine.advance(50)
    updated = engine.backend.update(ALICE, "plan", body=[b"after", b"wards"], max_ttl_ms=LONG)
    assert content(updated) == b""
    assert (updated.size, updated.expires_at_ms) == (10, put.expires_at_ms)
    got = engine.backend.get(ALICE, "plan")
    assert content(got) == b"afterwards"
    assert (got.version, got.size, got.expires_at_ms) == (updated.version, 10, put.expires_at_ms)


def test_an_update_may_empty_the_body(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"before"], LONG)
    engine.backend.update(ALICE, "plan", body=[], max_ttl_ms=LONG)
    got = engine.backend.get(ALICE, "plan")
    assert (content(got), got.size) == (b"", 0)


def test_an_update_says_how_long_it_has_left(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"before"], LONG)
    engine.advance(100)
    updated = engine.backend.update(ALICE, "plan", body=[b"after"], max_ttl_ms=LONG)
    assert engine.near(updated.remaining_ms, LONG - 100)


def test_an_update_does_not_create(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    assert engine.backend.update(ALICE, "plan", body=[b"2"], max_ttl_ms=LONG).created is False


def test_an_update_can_replace_and_extend_in_one_step(engine: Engine) -> None:
    put = engine.backend.put(ALICE, "plan", [b"before"], LONG)
    updated = engine.backend.update(ALICE, "plan", body=[b"after"], extra_ms=7_000, max_ttl_ms=10 * LONG)
    assert updated.expires_at_ms == put.expires_at_ms + 7_000
    got = engine.backend.get(ALICE, "plan")
    assert (content(got), got.version, got.expires_at_ms) == (
        b"after",
        updated.version,
        updated.expires_at_ms,
    )


def test_an_extension_leaves_body_version_and_size(engine: Engine) -> None:
    put = engine.backend.put(ALICE, "plan", [b"12345"], LONG)
    extended = engine.backend.update(ALICE, "plan", extra_ms=7_000, max_ttl_ms=10 * LONG)
    assert content(extended) == b""
    assert (extended.version, extended.size) == (put.version, 5)
    got = engine.backend.get(ALICE, "plan")
    assert (content(got), got.version) == (b"12345", put.version)
    assert got.expires_at_ms == extended.expires_at_ms == put.expires_at_ms + 7_000


def test_at_least_without_a_body_answers_the_body(engine: Engine) -> None:
    put = engine.backend.put(ALICE, "plan", [b"12", b"345"], LONG)
    got = engine.backend.update(ALICE, "plan", at_least_ms=2 * LONG, max_ttl_ms=10 * LONG)
    assert content(got) == b"12345"
    assert (got.version, got.size) == (put.version, 5)
    assert engine.near(got.remaining_ms, 2 * LONG)


def test_at_least_answers_the_body_also_where_it_extends_nothing(engine: Engine) -> None:
    put = engine.backend.put(ALICE, "plan", [b"12345"], LONG)
    got = engine.backend.update(ALICE, "plan", at_least_ms=1, max_ttl_ms=10 * LONG)
    assert (content(got), got.expires_at_ms) == (b"12345", put.expires_at_ms)


def test_at_least_answers_a_large_body_whole(engine: Engine) -> None:
    data = bytes(range(256)) * 12_000
    engine.backend.put(ALICE, "plan", [data], LONG)
    assert content(engine.backend.update(ALICE, "plan", at_least_ms=1, max_ttl_ms=LONG)) == data


def test_at_least_with_a_body_answers_an_empty_one(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"before"], LONG)
    got = engine.backend.update(ALICE, "plan", body=[b"after"], at_least_ms=2 * LONG, max_ttl_ms=10 * LONG)
    assert content(got) == b""
    assert content(engine.backend.get(ALICE, "plan")) == b"after"


def test_what_never_was_cannot_be_updated(engine: Engine) -> None:
    with pytest.raises(MemoryNotFound):
        engine.backend.update(ALICE, "plan", body=[b"1"], max_ttl_ms=LONG)
    assert_not_found(engine.backend, ALICE, "plan")


def test_what_was_deleted_cannot_be_updated(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    engine.backend.delete(ALICE, "plan")
    with pytest.raises(MemoryNotFound):
        engine.backend.update(ALICE, "plan", body=[b"2"], max_ttl_ms=LONG)
    assert_not_found(engine.backend, ALICE, "plan")


@pytest.mark.parametrize(
    "change",
    [{"body": [b"2"]}, {"extra_ms": LONG}, {"at_least_ms": LONG}],
    ids=lambda change: next(iter(change)),
)
def test_an_expired_record_does_not_exist_for_update(engine: Engine, change) -> None:
    record = engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT)
    with pytest.raises(MemoryExpired) as caught:
        engine.backend.update(ALICE, "plan", **change, max_ttl_ms=LONG)
    assert caught.value.expired_at_ms == record.expires_at_ms
    assert assert_expired(engine.backend, ALICE, "plan") == record.expires_at_ms


def test_if_version_updates_that_version(engine: Engine) -> None:
    version = engine.backend.put(ALICE, "plan", [b"1"], LONG).version
    engine.backend.update(ALICE, "plan", body=[b"2"], max_ttl_ms=LONG, if_version=version)
    assert content(engine.backend.get(ALICE, "plan")) == b"2"


@pytest.mark.parametrize(
    "change",
    [{"body": [b"333"]}, {"extra_ms": 1_000}, {"at_least_ms": 2 * LONG}],
    ids=lambda change: next(iter(change)),
)
def test_if_version_leaves_another_version_as_it_is(engine: Engine, change) -> None:
    old = engine.backend.put(ALICE, "plan", [b"1"], LONG).version
    before = engine.backend.put(ALICE, "plan", [b"2"], LONG)
    with pytest.raises(PreconditionFailed):
        engine.backend.update(ALICE, "plan", **change, max_ttl_ms=10 * LONG, if_version=old)
    after = engine.backend.get(ALICE, "plan")
    assert (content(after), after.version) == (b"2", before.version)
    assert after.expires_at_ms == before.expires_at_ms


def test_if_version_on_what_is_not_there_says_that_it_is_not_there(engine: Engine) -> None:
    with pytest.raises(MemoryNotFound):
        engine.backend.update(ALICE, "plan", body=[b"1"], max_ttl_ms=LONG, if_version="0123456789abcdef")


def test_if_version_on_what_expired_says_that_it_expired(engine: Engine) -> None:
    version = engine.backend.put(ALICE, "plan", [b"1"], SHORT).version
    engine.advance(SHORT)
    with pytest.raises(MemoryExpired):
        engine.backend.update(ALICE, "plan", body=[b"2"], max_ttl_ms=LONG, if_version=version)
