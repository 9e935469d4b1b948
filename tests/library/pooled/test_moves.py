"""A user moves from one pool to another: where each memory is before, while and after."""

import pytest

from stash_memory.backends.pooled import Stay
from stash_memory.errors import MemoryExpired, MemoryNotFound, PreconditionFailed, QuotaExceeded
from stash_memory.records import Caps, Record
from tests.backends import MemoryBackend
from tests.by_method import Delete, Get, Put
from tests.contract.cast import ALICE, DAY, LONG, content, ids, slow_spend
from tests.library.pooled.conftest import MOVE_MS, Place


def where(place: Place) -> tuple[list[str], list[str]]:
    """The ids in free, and those in pro."""
    return ids(place.free, ALICE), ids(place.pro, ALICE)


def test_until_the_instant_new_memories_go_to_the_old_pool_and_from_it_on_to_the_new(place: Place) -> None:
    place.moving.put(ALICE, "before", [b"1"], LONG)
    place.advance(MOVE_MS - 1)
    place.moving.put(ALICE, "last", [b"1"], LONG)
    place.advance(1)
    place.moving.put(ALICE, "first", [b"1"], LONG)
    assert where(place) == (["before", "last"], ["first"])


def test_what_was_there_is_found_changed_and_forgotten_where_it_is(place: Place) -> None:
    for name in ["read", "put", "cas", "updated", "forgotten"]:
        place.unaware.put(ALICE, name, [b"old"], LONG)
    place.advance(MOVE_MS)
    moved = place.moving
    version = moved.get(ALICE, "cas").version
    assert content(moved.get(ALICE, "read")) == b"old"
    assert moved.put(ALICE, "put", [b"new"], LONG).created is False
    moved.put(ALICE, "cas", [b"new"], LONG, if_version=version)
    moved.update(ALICE, "updated", body=[b"new"], extra_ms=LONG, max_ttl_ms=2 * LONG)
    moved.delete(ALICE, "forgotten")
    assert where(place) == (["cas", "put", "read", "updated"], [])
    assert [content(moved.get(ALICE, name)) for name in ["put", "cas", "updated"]] == [b"new"] * 3


def test_an_id_that_is_free_again_goes_to_the_new_pool(place: Place) -> None:
    place.unaware.put(ALICE, "expires", [b"1"], MOVE_MS)
    place.unaware.put(ALICE, "forgotten", [b"1"], LONG)
    place.advance(MOVE_MS)
    place.moving.delete(ALICE, "forgotten")
    for name in ["expires", "forgotten"]:
        assert place.moving.put(ALICE, name, [b"2"], LONG).created is True
    assert where(place) == ([], ["expires", "forgotten"])


def test_create_only_sees_both_pools(place: Place) -> None:
    place.unaware.put(ALICE, "old", [b"1"], LONG)
    place.advance(MOVE_MS)
    place.moving.put(ALICE, "new", [b"1"], LONG, if_absent=True)
    for name in ["old", "new"]:
        with pytest.raises(PreconditionFailed):
            place.moving.put(ALICE, name, [b"2"], LONG, if_absent=True)
    assert where(place) == (["old"], ["new"])


def test_a_version_that_neither_pool_has_writes_nothing(place: Place) -> None:
    version = place.unaware.put(ALICE, "plan", [b"1"], LONG).version
    place.unaware.put(ALICE, "plan", [b"2"], LONG)
    place.advance(MOVE_MS)
    for name in ["plan", "none"]:
        with pytest.raises(PreconditionFailed):
            place.moving.put(ALICE, name, [b"3"], LONG, if_version=version)
    assert where(place) == (["plan"], [])


def test_back_and_forth_each_id_stays_where_it_was_made(place: Place) -> None:
    back_ms = place.move_ms + MOVE_MS
    place.unaware.put(ALICE, "a", [b"1"], LONG)
    place.advance(MOVE_MS)
    there_and_back = place.backend(
        Stay(place.free, place.move_ms), Stay(place.pro, back_ms), Stay(place.free)
    )
    there_and_back.put(ALICE, "b", [b"1"], LONG)
    place.advance(MOVE_MS)
    there_and_back.put(ALICE, "c", [b"1"], LONG)
    for name in "abc":
        assert there_and_back.put(ALICE, name, [b"2"], LONG).created is False
    assert where(place) == (["a", "c"], ["b"])
    assert ids(there_and_back, ALICE, limit=1) == ["a", "b", "c"]
    assert there_and_back.totals(ALICE) == (3, 3)


def test_a_third_pool_is_one_more(place: Place) -> None:
    place.unaware.put(ALICE, "a", [b"1"], LONG)
    place.advance(MOVE_MS)
    place.moving.put(ALICE, "b", [b"1"], LONG)
    place.advance(MOVE_MS)
    enterprise = MemoryBackend(clock=place.clock)
    third = place.backend(
        Stay(place.free, place.move_ms), Stay(place.pro, place.move_ms + MOVE_MS), Stay(enterprise)
    )
    third.put(ALICE, "c", [b"1"], LONG)
    assert (*where(place), ids(enterprise, ALICE)) == (["a"], ["b"], ["c"])
    assert third.delete_prefix(ALICE, "") == 3


def test_an_expiry_in_either_pool_is_told_and_the_latest_of_both(place: Place) -> None:
    place.unaware.put(ALICE, "old", [b"1"], 1)
    place.unaware.put(ALICE, "both", [b"1"], 1)
    place.advance(MOVE_MS)
    place.moving.put(ALICE, "both", [b"1"], 500)
    place.advance(500)
    for name, at_ms in [("old", place.began_ms + 1), ("both", place.move_ms + 500)]:
        with pytest.raises(MemoryExpired) as caught:
            place.moving.get(ALICE, name)
        assert caught.value.expired_at_ms == at_ms
    place.advance(DAY)
    with pytest.raises(MemoryNotFound):
        place.moving.get(ALICE, "both")


def test_caps_count_what_is_in_both_pools(place: Place) -> None:
    for name in "ab":
        place.unaware.put(ALICE, name, [b"12345"], LONG)
    place.advance(MOVE_MS)
    with pytest.raises(QuotaExceeded):
        place.moving.put(ALICE, "c", [b""], LONG, caps=Caps(memories=2))
    with pytest.raises(QuotaExceeded):
        place.moving.put(ALICE, "c", [b"1"], LONG, caps=Caps(bytes=10))
    place.moving.put(ALICE, "c", [b"1"], LONG, caps=Caps(3, 11))
    with pytest.raises(QuotaExceeded):
        place.moving.put(ALICE, "a", [b"123456"], LONG, caps=Caps(3, 11))
    with pytest.raises(QuotaExceeded):
        place.moving.update(ALICE, "a", body=[b"123456"], max_ttl_ms=LONG, caps=Caps(3, 11))
    place.moving.put(ALICE, "a", [b"1234"], LONG, caps=Caps(1, 1))


def test_the_bucket_is_the_one_of_the_pool_that_new_memories_go_to(place: Place) -> None:
    place.moving.spend(ALICE, slow_spend(burst=2))
    assert place.free.spend(ALICE, slow_spend(burst=2)).remaining == 0
    place.advance(MOVE_MS)
    with pytest.raises(MemoryNotFound):
        place.moving.get(ALICE, "none", spend=(spend := slow_spend(burst=2)))
    assert spend.bucket is not None
    assert spend.bucket.remaining == 1
    assert place.pro.spend(ALICE, slow_spend(burst=2)).remaining == 0


def test_a_batch_goes_to_where_each_memory_is_in_order(place: Place) -> None:
    place.unaware.put(ALICE, "old", [b"1"], LONG)
    place.advance(MOVE_MS)
    results = place.moving.many(
        ALICE,
        [
            Get("old"),
            Put("new", [b"2"], LONG),
            Get("new"),
            Delete("old"),
            Put("old", [b"3"], LONG),
            Get("old"),
        ],
    )
    shown = [content(result) if isinstance(result, Record) else result for result in results]
    assert shown == [b"1", b"", b"2", None, b"", b"3"]
    assert where(place) == ([], ["new", "old"])
