"""Changes that lose nothing, on every way."""

import threading
from typing import Any

import pytest

from stash_memory import MemoryNotFound, PreconditionFailed


def test_a_set_that_only_creates_is_refused_where_there_is_one(stash: Any, another: Any) -> None:
    stash.set("lock", "agent-7", ttl=30, if_absent=True)
    with pytest.raises(PreconditionFailed):
        another.set("lock", "agent-8", if_absent=True)
    assert stash.get("lock") == "agent-7"
    stash.forget("lock")
    another.set("lock", "agent-8", if_absent=True)
    assert stash.get("lock") == "agent-8"


def test_writes_for_a_version_are_refused_once_it_has_changed(stash: Any, another: Any) -> None:
    old = stash.set("a", 1)
    new = another.set("a", 2)
    for write in (
        lambda: stash.set("a", 3, if_version=old.version),
        lambda: stash.update("a", data=3, if_version=old.version),
        lambda: stash.update("a", extra_seconds=5, if_version=old.version),
        lambda: stash.forget("a", if_version=old.version),
    ):
        with pytest.raises(PreconditionFailed):
            write()
    assert stash.get("a") == 2
    newer = stash.set("a", 3, if_version=new.version)
    newest = stash.update("a", 4, if_version=newer.version)
    stash.forget("a", if_version=newest.version)
    assert not another.exists("a")


def test_a_version_outlives_an_extension_and_no_write(stash: Any) -> None:
    version = stash.set("a", 1).version
    assert stash.extend("a", 5).version == stash.recall("a").version == version
    assert stash.set("a", 1).version != version


def test_a_set_for_the_version_of_what_is_gone_is_refused(stash: Any) -> None:
    version = stash.set("a", 1).version
    stash.forget("a")
    with pytest.raises(PreconditionFailed):
        stash.set("a", 2, if_version=version)


def test_transform_makes_new_data_of_the_old(stash: Any) -> None:
    stash.set("a", {"n": 1}, ttl=60)
    memory = stash.transform("a", lambda data: data | {"n": data["n"] + 1})
    assert memory.data == stash.get("a") == {"n": 2}
    assert memory.version == stash.recall("a").version
    assert 55 <= memory.ttl <= 60
    assert stash.transform("a", lambda data: data, ttl=600).ttl == 600


def test_transform_of_nothing_starts_at_the_default_or_raises(stash: Any) -> None:
    with pytest.raises(MemoryNotFound):
        stash.transform("n", lambda n: n + 1)
    assert stash.transform("n", lambda n: n + 1, default=0, ttl=60).data == 1
    assert stash.ttl("n") <= 60
    assert stash.transform("null", lambda found: [found], default=None).data == [None]


def test_transform_reads_again_when_somebody_wrote_meanwhile(stash: Any, another: Any) -> None:
    stash.set("a", [])
    seen = []

    def append(found: list[str]) -> list[str]:
        seen.append(list(found))
        if len(seen) == 1:
            another.set("a", ["theirs"])
        return [*found, "ours"]

    assert stash.transform("a", append).data == ["theirs", "ours"]
    assert seen == [[], ["theirs"]]


def test_transform_sees_what_is_forgotten_and_made_meanwhile(stash: Any, another: Any) -> None:
    stash.set("a", 1)
    turns = []

    def step(found: int) -> int:
        turns.append(found)
        if len(turns) == 1:
            another.forget("a")
        elif len(turns) == 2:
            another.set("a", 100)
        return found + 1

    assert stash.transform("a", step, default=10).data == 101
    assert turns == [1, 10, 100]


def test_transform_gives_up_in_time_when_others_are_always_quicker(stash: Any, another: Any) -> None:
    stash.set("a", 0)

    def late(found: int) -> int:
        another.set("a", found + 1)
        return -1

    with pytest.raises(PreconditionFailed, match="again and again"):
        stash.transform("a", late, timeout=0.05)
    assert stash.get("a") > 0


def test_what_the_function_raises_is_raised_and_nothing_is_written(stash: Any) -> None:
    stash.set("a", 1)
    with pytest.raises(ZeroDivisionError):
        stash.transform("a", lambda n: n / 0)
    with pytest.raises(TypeError, match="data is a set"):
        stash.transform("a", lambda n: {n})
    assert stash.get("a") == 1


def test_no_change_is_lost_between_threads(stash: Any) -> None:
    failed: list[BaseException] = []

    def count() -> None:
        try:
            for _ in range(10):
                stash.transform("n", lambda n: n + 1, default=0)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert stash.get("n") == 40
