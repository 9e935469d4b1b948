"""New ids on every backend: 8 base62 characters, tried again where one is taken, and then a UUID."""

import re

import pytest

from stash_memory import ids
from stash_memory.bucket import Spend
from stash_memory.errors import StoreUnavailable
from stash_memory.limits import Limits
from stash_memory.operations import Forget, Recall, Stash
from stash_memory.store import Store
from tests.contract.cast import ALICE, BOB
from tests.contract.engines import Engine

LIMITS = Limits(payload_bytes=1_000, default_ttl=600, max_ttl=600)


def test_a_new_id_is_eight_characters_of_base62(engine: Engine) -> None:
    store = Store(engine.backend)

    made = {store.do(ALICE, Stash((b"1",)), LIMITS).memory_id for _ in range(20)}

    assert len(made) == 20
    assert all(re.fullmatch(r"[0-9A-Za-z]{8}", memory_id) for memory_id in made)


def test_a_taken_id_is_tried_again_and_then_it_is_a_uuid(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one letter in the alphabet every short id is the same."""
    monkeypatch.setattr(ids, "ALPHABET", "a")
    store = Store(engine.backend)

    first = store.do(ALICE, Stash((b"1",)), LIMITS)
    second = store.do(ALICE, Stash((b"2",)), LIMITS)

    assert first.memory_id == "aaaaaaaa"
    assert re.fullmatch(r"[0-9a-f]{32}", second.memory_id)
    assert b"".join(store.do(ALICE, Recall("aaaaaaaa"), LIMITS).data) == b"1"
    assert b"".join(store.do(ALICE, Recall(second.memory_id), LIMITS).data) == b"2"
    assert store.do(BOB, Stash((b"3",)), LIMITS).memory_id == "aaaaaaaa", (
        "another user's ids are not in the way"
    )


def test_the_id_of_what_was_forgotten_is_free_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "ALPHABET", "a")
    store = Store(engine.backend)
    store.do(ALICE, Stash((b"1",)), LIMITS)
    store.do(ALICE, Forget("aaaaaaaa"), LIMITS)

    assert store.do(ALICE, Stash((b"2",)), LIMITS).memory_id == "aaaaaaaa"


def test_collisions_cost_one_token_and_overwrite_nothing_when_no_id_is_free(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ids, "ALPHABET", "a")
    monkeypatch.setattr("uuid.uuid4", lambda: type("Same", (), {"hex": "b" * 32}))
    store = Store(engine.backend)
    kept = [store.do(ALICE, Stash((b"1",)), LIMITS) for _ in range(2)]
    spend = Spend(rate=0.001, burst=10)

    with pytest.raises(StoreUnavailable, match="No free id was found"):
        store.do(ALICE, Stash((b"2",)), LIMITS, spend)

    assert spend.bucket is not None
    assert spend.bucket.remaining == 9
    for memory in kept:
        assert b"".join(store.do(ALICE, Recall(memory.memory_id), LIMITS).data) == b"1"


def test_in_a_batch_too_a_taken_id_is_tried_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "ALPHABET", "a")
    store = Store(engine.backend)
    made = list(store.many(ALICE, [Stash((b"1",))] * 3, LIMITS))

    names = [memory.memory_id for memory in made]  # type: ignore[union-attr]
    assert names[0] == "aaaaaaaa"
    assert len(set(names)) == 3
    assert all(re.fullmatch(r"[0-9a-f]{32}", name) for name in names[1:])
