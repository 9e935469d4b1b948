"""Forgetting: one, and all that begin alike."""

import pytest

from stash_memory.errors import MemoryExpired, MemoryNotFound, PreconditionFailed
from tests.contract.cast import ALICE, BOB, LONG, SHORT, assert_expired, assert_not_found, content, ids
from tests.contract.engines import Engine


def test_what_was_deleted_is_gone_at_once(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    assert engine.backend.delete(ALICE, "plan") is None
    assert_not_found(engine.backend, ALICE, "plan")
    assert ids(engine.backend, ALICE) == []


def test_a_delete_takes_nothing_else(engine: Engine) -> None:
    for name in ["plan", "plan/", "plan/one", "pla", "PLAN"]:
        engine.backend.put(ALICE, name, [name.encode()], LONG)
    engine.backend.delete(ALICE, "plan")
    assert ids(engine.backend, ALICE) == ["PLAN", "pla", "plan/", "plan/one"]
    assert content(engine.backend.get(ALICE, "plan/one")) == b"plan/one"


def test_what_never_was_cannot_be_deleted(engine: Engine) -> None:
    with pytest.raises(MemoryNotFound):
        engine.backend.delete(ALICE, "plan")


def test_what_was_deleted_cannot_be_deleted_again(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    engine.backend.delete(ALICE, "plan")
    with pytest.raises(MemoryNotFound):
        engine.backend.delete(ALICE, "plan")


def test_an_expired_record_does_not_exist_for_delete(engine: Engine) -> None:
    record = engine.backend.put(ALICE, "plan", [b"1"], SHORT)
    engine.advance(SHORT)
    with pytest.raises(MemoryExpired) as caught:
        engine.backend.delete(ALICE, "plan")
    assert caught.value.expired_at_ms == record.expires_at_ms
    assert assert_expired(engine.backend, ALICE, "plan") == record.expires_at_ms


def test_if_version_deletes_that_version(engine: Engine) -> None:
    version = engine.backend.put(ALICE, "plan", [b"1"], LONG).version
    engine.backend.delete(ALICE, "plan", if_version=version)
    assert_not_found(engine.backend, ALICE, "plan")


def test_if_version_leaves_another_version(engine: Engine) -> None:
    old = engine.backend.put(ALICE, "plan", [b"1"], LONG).version
    engine.backend.put(ALICE, "plan", [b"2"], LONG)
    with pytest.raises(PreconditionFailed):
        engine.backend.delete(ALICE, "plan", if_version=old)
    assert content(engine.backend.get(ALICE, "plan")) == b"2"


def test_if_version_on_what_is_not_there_says_that_it_is_not_there(engine: Engine) -> None:
    with pytest.raises(MemoryNotFound):
        engine.backend.delete(ALICE, "plan", if_version="0123456789abcdef")


def test_if_version_on_what_expired_says_that_it_expired(engine: Engine) -> None:
    version = engine.backend.put(ALICE, "plan", [b"1"], SHORT).version
    engine.advance(SHORT)
    with pytest.raises(MemoryExpired):
        engine.backend.delete(ALICE, "plan", if_version=version)


def test_a_large_record_is_deleted_whole(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"x" * 3_000_000], LONG)
    engine.backend.delete(ALICE, "plan")
    assert engine.backend.totals(ALICE) == (0, 0)
    assert_not_found(engine.backend, ALICE, "plan")


def test_delete_prefix_takes_what_begins_so_and_says_how_many(engine: Engine) -> None:
    for name in ["a/1", "a/2", "a", "b/1", "A/1", "aa/1"]:
        engine.backend.put(ALICE, name, [b"1"], LONG)
    assert engine.backend.delete_prefix(ALICE, "a/") == 2
    assert ids(engine.backend, ALICE) == ["A/1", "a", "aa/1", "b/1"]


def test_delete_prefix_takes_the_id_that_is_the_prefix(engine: Engine) -> None:
    engine.backend.put(ALICE, "a", [b"1"], LONG)
    assert engine.backend.delete_prefix(ALICE, "a") == 1
    assert_not_found(engine.backend, ALICE, "a")


def test_an_empty_prefix_takes_all_of_the_users(engine: Engine) -> None:
    for name in ["a", "b", "🦊", "\U0010ffff"]:
        engine.backend.put(ALICE, name, [b"1"], LONG)
    engine.backend.put(BOB, "a", [b"his"], LONG)
    assert engine.backend.delete_prefix(ALICE, "") == 4
    assert ids(engine.backend, ALICE) == []
    assert content(engine.backend.get(BOB, "a")) == b"his"


def test_delete_prefix_finds_nothing_to_take(engine: Engine) -> None:
    engine.backend.put(ALICE, "a", [b"1"], LONG)
    assert engine.backend.delete_prefix(ALICE, "b") == 0
    assert engine.backend.delete_prefix(BOB, "a") == 0
    assert ids(engine.backend, ALICE) == ["a"]


@pytest.mark.parametrize("prefix", ["a%", "a_", "a*", "a?", "a[b]", "a\\", "ž", "🦊", "\U0010ffff"])
def test_delete_prefix_takes_no_letter_for_a_pattern(engine: Engine, prefix: str) -> None:
    others = ["ab", "abc", "a", "axb", "z", "Ž", "🦝", "\uffff"]
    for name in [prefix, prefix + "1", *others]:
        engine.backend.put(ALICE, name, [b"1"], LONG)
    assert engine.backend.delete_prefix(ALICE, prefix) == 2
    assert ids(engine.backend, ALICE) == sorted(others, key=str.encode)


def test_delete_prefix_counts_only_what_was_alive(engine: Engine) -> None:
    engine.backend.put(ALICE, "a/old", [b"1"], SHORT)
    engine.advance(SHORT)
    engine.backend.put(ALICE, "a/new", [b"1"], LONG)
    assert engine.backend.delete_prefix(ALICE, "a/") == 1


def test_delete_prefix_leaves_no_tombstones(engine: Engine) -> None:
    engine.backend.put(ALICE, "a/1", [b"1"], SHORT)
    engine.backend.delete_prefix(ALICE, "a/")
    engine.advance(SHORT)
    assert_not_found(engine.backend, ALICE, "a/1")


def test_delete_prefix_takes_thousands(engine: Engine) -> None:
    for n in range(2_500):
        engine.backend.put(ALICE, f"a/{n}", [b"1"], LONG)
    engine.backend.put(ALICE, "b", [b"1"], LONG)
    assert engine.backend.delete_prefix(ALICE, "a/") == 2_500
    assert engine.backend.totals(ALICE) == (1, 1)


def test_deleted_records_free_their_bytes(engine: Engine) -> None:
    engine.backend.put(ALICE, "a", [b"12345"], LONG)
    engine.backend.put(ALICE, "b", [b"123"], LONG)
    engine.backend.delete(ALICE, "a")
    assert engine.backend.totals(ALICE) == (1, 3)
