"""Puts that began before their user's move was known, and came to an end after it."""

from collections.abc import Callable, Iterator

import pytest

from stash_memory.backends.pooled import Stay
from stash_memory.errors import PreconditionFailed
from stash_memory.records import Record
from tests.backends import PooledBackend
from tests.by_method import Put
from tests.contract.cast import ALICE, LONG, content, ids
from tests.library.pooled.conftest import MOVE_MS, Place


class Delayed(list[bytes]):
    """The pieces of a body, which take until the move is over: `meanwhile` is done when they are first read."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__([b"la", b"te"])
        self.meanwhile = meanwhile

    def __iter__(self) -> Iterator[bytes]:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return super().__iter__()


def straggler(place: Place) -> PooledBackend:
    """One who knew of no move when it began, and learns of it when it asks."""
    return place.backend(Stay(place.free), renewed=lambda: [Stay(place.free, place.move_ms), Stay(place.pro)])


def test_one_that_came_in_time_stays_where_it_is(place: Place) -> None:
    body = Delayed(lambda: place.advance(MOVE_MS - 1))
    straggler(place).put(ALICE, "plan", body, LONG)
    assert (ids(place.free, ALICE), ids(place.pro, ALICE)) == (["plan"], [])


def test_one_that_came_too_late_is_in_the_new_pool_alone(place: Place) -> None:
    body = Delayed(lambda: place.advance(MOVE_MS))
    record = straggler(place).put(ALICE, "plan", body, LONG)
    assert record.created is True
    assert (ids(place.free, ALICE), ids(place.pro, ALICE)) == ([], ["plan"])
    assert place.pro.get(ALICE, "plan").version == record.version


def test_one_in_a_batch_too(place: Place) -> None:
    late = Put("late", Delayed(lambda: place.advance(MOVE_MS)), LONG)
    results = straggler(place).many(ALICE, [Put("plan", [b"1"], LONG), late])
    assert all(isinstance(result, Record) for result in results)
    assert (ids(place.free, ALICE), ids(place.pro, ALICE)) == (["plan"], ["late"])


def test_one_that_replaced_what_lived_stays_where_it_is(place: Place) -> None:
    place.unaware.put(ALICE, "plan", [b"1"], LONG)
    body = Delayed(lambda: place.advance(MOVE_MS))
    straggler(place).put(ALICE, "plan", body, LONG)
    assert content(place.free.get(ALICE, "plan")) == b"late"
    assert ids(place.pro, ALICE) == []


def test_one_whose_id_another_created_meanwhile_replaces_it_there(place: Place) -> None:
    def meanwhile() -> None:
        place.advance(MOVE_MS)
        place.moving.put(ALICE, "plan", [b"theirs"], LONG)

    assert straggler(place).put(ALICE, "plan", Delayed(meanwhile), LONG).created is False
    assert content(place.pro.get(ALICE, "plan")) == b"late"
    assert ids(place.free, ALICE) == []


def test_one_that_only_creates_fails_where_another_created_meanwhile(place: Place) -> None:
    def meanwhile() -> None:
        place.advance(MOVE_MS)
        place.moving.put(ALICE, "plan", [b"theirs"], LONG)

    with pytest.raises(PreconditionFailed):
        straggler(place).put(ALICE, "plan", Delayed(meanwhile), LONG, if_absent=True)
    assert content(place.pro.get(ALICE, "plan")) == b"theirs"
    assert ids(place.free, ALICE) == []


def test_one_who_knew_of_a_move_and_not_of_the_next_goes_on_to_the_third_pool(place: Place) -> None:
    back_ms = place.move_ms + MOVE_MS
    later = [Stay(place.free, place.move_ms), Stay(place.pro, back_ms), Stay(place.free)]
    backend = place.backend(Stay(place.free, place.move_ms), Stay(place.pro), renewed=lambda: later)
    place.advance(MOVE_MS)
    backend.put(ALICE, "soon", [b"1"], LONG)
    backend.put(ALICE, "late", Delayed(lambda: place.advance(MOVE_MS)), LONG)
    assert (ids(place.free, ALICE), ids(place.pro, ALICE)) == (["late"], ["soon"])


def test_one_who_was_quick_asks_nobody(place: Place) -> None:
    asked = []
    backend = place.backend(Stay(place.free), renewed=lambda: asked.append(1))
    backend.put(ALICE, "plan", [b"1"], LONG)
    backend.put(ALICE, "plan", [b"2"], LONG)
    assert len(asked) == 1, "of what was created only: what lived stays where it is"
