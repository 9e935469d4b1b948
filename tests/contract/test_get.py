"""Recalling."""

import pytest

from stash_memory.errors import MemoryExpired
from tests.contract.cast import ALICE, LONG, SHORT, assert_expired, assert_not_found, content
from tests.contract.engines import Engine


def test_what_never_was_is_not_found(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    assert_not_found(engine.backend, ALICE, "another")


def test_a_user_who_never_came_has_nothing(engine: Engine) -> None:
    assert_not_found(engine.backend, "usr_nobody", "plan")


def test_an_id_is_not_a_prefix_of_another(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan/one", [b"1"], LONG)
    assert_not_found(engine.backend, ALICE, "plan")
    assert_not_found(engine.backend, ALICE, "plan/")


def test_ids_are_told_apart_by_case(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"lower"], LONG)
    engine.backend.put(ALICE, "PLAN", [b"upper"], LONG)
    assert content(engine.backend.get(ALICE, "plan")) == b"lower"
    assert content(engine.backend.get(ALICE, "PLAN")) == b"upper"


def test_a_recall_says_how_long_it_has_left(engine: Engine) -> None:
    put = engine.backend.put(ALICE, "plan", [b"1"], LONG)
    engine.advance(100)
    got = engine.backend.get(ALICE, "plan")
    assert engine.near(got.remaining_ms, LONG - 100)
    assert got.expires_at_ms == put.expires_at_ms


def test_a_recall_does_not_extend(engine: Engine) -> None:
    record = engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT // 4)
    engine.backend.get(ALICE, "plan")
    engine.advance(SHORT - SHORT // 4)
    assert assert_expired(engine.backend, ALICE, "plan") == record.expires_at_ms


def test_a_recall_does_not_create(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    assert engine.backend.get(ALICE, "plan").created is False


def test_unless_version_spares_the_body_of_that_version(engine: Engine) -> None:
    put = engine.backend.put(ALICE, "plan", [b"12345"], LONG)
    got = engine.backend.get(ALICE, "plan", unless_version=put.version)
    assert content(got) == b""
    assert (got.version, got.expires_at_ms) == (put.version, put.expires_at_ms)


def test_unless_version_gives_the_body_of_another_version(engine: Engine) -> None:
    old = engine.backend.put(ALICE, "plan", [b"1"], LONG).version
    new = engine.backend.put(ALICE, "plan", [b"2"], LONG).version
    got = engine.backend.get(ALICE, "plan", unless_version=old)
    assert (content(got), got.version) == (b"2", new)


def test_unless_version_is_of_no_avail_once_it_expired(engine: Engine) -> None:
    version = engine.backend.put(ALICE, "plan", [b"1"], SHORT).version
    engine.advance(SHORT)
    with pytest.raises(MemoryExpired):
        engine.backend.get(ALICE, "plan", unless_version=version)
