"""The verbs, on every way."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stash_memory import InvalidRequest, MemoryExpired, MemoryNotFound, PayloadTooLarge
from tests.clock import wait_for


def test_what_is_set_is_got(stash: Any, another: Any) -> None:
    memory = stash.set("my-key", {"task": "summarize", "progress": 0.5}, ttl=3600)
    assert stash.get("my-key") == another.get("my-key") == {"task": "summarize", "progress": 0.5}
    assert memory.memory_id == "my-key"
    assert memory.ttl == 3600


def test_a_get_of_nothing_is_the_default(stash: Any) -> None:
    assert stash.get("nothing") is None
    assert stash.get("nothing", 7) == 7


def test_null_is_data_like_any_other(stash: Any) -> None:
    stash.set("null", None)
    assert stash.get("null", "default") is None
    assert stash.recall("null").data is None
    stash.set("null", 1)
    stash.update("null", data=None)
    assert stash.get("null", "default") is None


def test_stash_makes_an_id_that_recalls(stash: Any) -> None:
    memory = stash.stash([1, 2], ttl=timedelta(minutes=10))
    assert len(memory.memory_id) == 8
    recalled = stash.recall(memory.memory_id)
    assert recalled.data == [1, 2]
    assert recalled.version == memory.version
    assert 595 <= recalled.ttl <= memory.ttl == 600


def test_expiry_is_an_instant_in_utc(stash: Any) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    for memory in (stash.set("a", 1, ttl=100), stash.recall("a"), stash.update("a", 2)):
        # Over HTTP, of a recall to a second either way.
        left = (memory.expires_at - before).total_seconds()
        assert 99 <= left <= 115
        assert memory.expires_at.microsecond == 0


def test_answers_without_data_say_so(stash: Any) -> None:
    memory = stash.set("a", 1)
    assert not hasattr(memory, "data")
    assert "secret" not in repr(stash.recall(stash.set("b", "secret").memory_id))


def test_recall_of_what_is_not_there_says_why(stash: Any) -> None:
    with pytest.raises(MemoryNotFound):
        stash.recall("nothing")
    began = datetime.now(UTC)
    stash.set("short", 1, ttl=1)
    wait_for(lambda: stash.get("short") is None)
    with pytest.raises(MemoryExpired) as found:
        stash.recall("short")
    assert abs((found.value.expired_at - began).total_seconds()) < 5


def test_recall_extends_where_it_is_asked_to(stash: Any) -> None:
    stash.set("a", 1, ttl=60)
    assert stash.recall("a").ttl <= 60
    assert stash.recall("a", extend=timedelta(seconds=600)).ttl == 600
    assert stash.recall("a", extend=60).ttl > 590


def test_update_replaces_extends_or_both(stash: Any) -> None:
    first = stash.set("a", {"n": 1}, ttl=60)
    second = stash.update("a", data={"n": 2})
    assert second.version != first.version
    assert second.ttl <= 60
    third = stash.update("a", extra_seconds=60)
    assert third.version == second.version
    assert 110 <= third.ttl <= 120
    fourth = stash.update("a", data={"n": 4}, extra_seconds=timedelta(minutes=1))
    assert 170 <= fourth.ttl <= 180
    assert 200 <= stash.extend("a", 60).ttl <= 240
    assert stash.update("a", at_least=600).ttl == 600
    assert stash.update("a", at_least=60).ttl > 590
    assert stash.recall("a").data == {"n": 4}
    with pytest.raises(InvalidRequest, match="not both"):
        stash.update("a", extra_seconds=60, at_least=60)


def test_update_and_extend_of_nothing_raise(stash: Any) -> None:
    with pytest.raises(MemoryNotFound):
        stash.update("nothing", data=1)
    with pytest.raises(MemoryNotFound):
        stash.extend("nothing", 5)


def test_forget_deletes_and_says_when_there_was_nothing(stash: Any, another: Any) -> None:
    stash.set("a", 1)
    another.forget("a")
    assert stash.get("a") is None
    with pytest.raises(MemoryNotFound):
        stash.forget("a")
    stash.forget("a", missing_ok=True)


def test_ttl_and_exists_look_at_one_key_alone(stash: Any) -> None:
    stash.set("key-longer", 1)
    assert stash.ttl("key") is None
    assert not stash.exists("key")
    stash.set("key", None, ttl=60)
    assert 55 <= stash.ttl("key") <= 60
    assert stash.exists("key")


def test_the_size_limit_is_the_text_of_the_data(stash: Any) -> None:
    stash.set("full", "x" * (1_048_576 - 2))
    assert len(stash.get("full")) == 1_048_574
    with pytest.raises(PayloadTooLarge) as found:
        stash.set("full", "x" * (1_048_576 - 1))
    assert found.value.limit_bytes == 1_048_576
    assert len(stash.get("full")) == 1_048_574
