"""Views whose ids carry a prefix, on every way."""

from typing import Any

import pytest

from stash_memory import InvalidRequest, MemoryNotFound


def test_ids_in_a_namespace_carry_its_prefix(stash: Any) -> None:
    agent = stash.namespace("agent-7")
    memory = agent.set("plan", ["think"])
    assert memory.memory_id == "plan"
    assert agent.get("plan") == stash.get("agent-7/plan") == ["think"]
    assert stash.get("plan") is None
    assert agent.recall("plan").memory_id == "plan"
    assert agent.update("plan", ["act"]).memory_id == "plan"
    assert agent.ttl("plan")
    assert agent.transform("plan", lambda steps: [*steps, "rest"]).memory_id == "plan"
    agent.forget("plan")
    with pytest.raises(MemoryNotFound):
        stash.recall("agent-7/plan")


def test_ids_that_are_made_in_a_namespace_are_its_own(stash: Any) -> None:
    agent = stash.namespace("agent-7")
    memory = agent.stash("x")
    assert len(memory.memory_id) == 8
    assert agent.recall(memory.memory_id).data == "x"
    assert stash.get(f"agent-7/{memory.memory_id}") == "x"


def test_namespaces_do_not_meet(stash: Any) -> None:
    one, two, inner = stash.namespace("a"), stash.namespace("ab"), stash.namespace("a").namespace("b")
    for space in (one, two, inner):
        space.set("x", space.prefix)
    assert (one.get("x"), two.get("x"), inner.get("x")) == ("a/", "ab/", "a/b/")
    assert [entry.memory_id for entry in one.list()] == ["b/x", "x"]
    assert one.get_many(["x", "b/x"]) == {"x": "a/", "b/x": "a/b/"}
    assert inner.forget_many(["x"]) == 1
    two.set_many({"y": 1, "z": 2})
    assert two.forget_prefix("") == 3
    assert [entry.memory_id for entry in stash.list()] == ["a/x"]


def test_a_batch_in_a_namespace_stays_in_it(stash: Any) -> None:
    agent = stash.namespace("agent-7")
    with agent.batch() as batch:
        batch.set("a", 1)
        batch.stash(2)
        batch.recall("a")
    assert batch.results[0].memory_id == "a"
    assert batch.results[2].data == 1
    assert agent.get(batch.results[1].memory_id) == 2
    assert all(entry.memory_id.startswith("agent-7/") for entry in stash.list())


def test_a_slash_at_the_end_of_the_name_makes_no_difference(stash: Any) -> None:
    assert stash.namespace("a/").prefix == stash.namespace("a").prefix == "a/"


@pytest.mark.parametrize("name", ["", "/", "a//b", "..", "a\n", "x" * 256])
def test_a_name_that_no_id_can_begin_with_is_refused(stash: Any, name: str) -> None:
    with pytest.raises(InvalidRequest):
        stash.namespace(name)


def test_to_close_a_namespace_closes_nothing(stash: Any) -> None:
    with stash.namespace("a") as space:
        space.set("x", 1)
    assert stash.get("a/x") == 1
