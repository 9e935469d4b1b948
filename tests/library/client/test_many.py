"""Many memories at once, on every way."""

from typing import Any

import pytest

from stash_memory import InvalidRequest, Memory, MemoryNotFound, PayloadTooLarge, PreconditionFailed


def test_many_are_set_got_and_forgotten(stash: Any) -> None:
    values = {f"key-{n:03}": {"n": n} for n in range(250)}
    memories = stash.set_many(values, ttl=60)
    assert list(memories) == list(values)
    assert all(memory.memory_id == key and memory.ttl <= 60 for key, memory in memories.items())
    assert stash.get_many([*values, "nothing"]) == values
    assert stash.forget_many(["nothing", *values, "key-000"]) == 250
    assert stash.get_many(values) == {}


def test_the_others_are_set_when_one_cannot_be(stash: Any) -> None:
    with pytest.raises(PayloadTooLarge) as found:
        stash.set_many({"a": 1, "big": "x" * 1_048_576, "c": 3})
    assert "'big'" in found.value.__notes__[0]
    assert stash.get_many(["a", "big", "c"]) == {"a": 1, "c": 3}


def test_many_large_values_come_and_go(stash: Any) -> None:
    # Together more than one batch may hold, in either direction.
    values = {f"large-{letter}": letter * 1_000_000 for letter in "abcdefghijkl"}
    stash.set_many(values)
    assert stash.get_many(values) == values


def test_one_str_is_not_many_keys(stash: Any) -> None:
    with pytest.raises(TypeError, match="not one str"):
        stash.get_many("abc")


def test_a_listing_is_in_order_and_whole(stash: Any) -> None:
    names = [f"run-{n:04}" for n in range(1100)]
    stash.set_many(dict.fromkeys(names, "x"), ttl=600)
    stash.set("other", "xyz")
    entries = list(stash.list("run-"))
    assert [entry.memory_id for entry in entries] == names
    assert {entry.bytes for entry in entries} == {3}
    assert all(500 < entry.ttl <= 600 and entry.expires_at.tzinfo for entry in entries)
    assert len(list(stash.list())) == 1101
    assert list(stash.list("nothing")) == []


def test_ids_of_any_characters_go_everywhere(stash: Any) -> None:
    for key in ("a b", "50%", "%41", "ü/ö:1", "?x=1&y", "#1", "+", "...", "日本語", "a;b,c'd\"e", "\\"):
        stash.set(key, key)
        assert stash.get(key) == key
        assert [entry.memory_id for entry in stash.list(key)] == [key]
        assert stash.get_many([key]) == {key: key}
        assert stash.ttl(key)
        assert stash.forget_prefix(key) == 1


def test_forget_prefix_counts_what_it_forgets(stash: Any) -> None:
    stash.set_many({"run-4/a": 1, "run-4/b": 2, "run-42/a": 3})
    assert stash.forget_prefix("run-4/") == 2
    assert stash.forget_prefix("run-4/") == 0
    assert stash.get("run-42/a") == 3
    with pytest.raises(InvalidRequest):
        stash.forget_prefix("")


def test_a_batch_has_a_result_for_each_call(stash: Any) -> None:
    kept = stash.set("kept", 1)
    with stash.batch() as batch:
        batch.stash({"new": True}, ttl=60)
        batch.set("a", [1], ttl=60)
        batch.set("kept", 2, if_absent=True)
        batch.update("kept", 3, if_version=kept.version)
        batch.extend("a", 60)
        batch.recall("a")
        batch.recall("nothing")
        batch.forget("a")
        batch.forget("a")
        assert len(batch) == 9
    new, a, refused, updated, extended, recalled, missed, forgotten, gone = batch.results
    assert stash.recall(new.memory_id).data == {"new": True}
    assert a.ttl == 60
    assert isinstance(refused, PreconditionFailed)
    assert updated.version == stash.recall("kept").version
    assert extended.ttl > 110
    assert recalled.data == [1]
    assert isinstance(missed, MemoryNotFound)
    assert forgotten is None
    assert isinstance(gone, MemoryNotFound)


def test_a_batch_runs_when_it_is_told_and_may_run_again(stash: Any) -> None:
    batch = stash.batch()
    assert batch.run() == []
    for number in range(120):
        batch.set("a", number)
    results = batch.run()
    assert len(results) == 120
    assert all(isinstance(result, Memory) for result in results)
    assert stash.get("a") == 119
    batch.forget("a")
    assert batch.run() == [None]


def test_a_batch_whose_block_fails_is_not_run(stash: Any) -> None:
    batch = stash.batch()

    def noted() -> None:
        with batch:
            batch.set("a", 1)
            batch.set("b", 1 / 0)

    with pytest.raises(ZeroDivisionError):
        noted()
    assert not stash.exists("a")
