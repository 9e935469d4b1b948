"""The law: the outcome of each operation on each state of a row."""

from typing import Any, NamedTuple

import pytest

from stash_memory.errors import (
    MemoryExpired,
    MemoryNotFound,
    PreconditionFailed,
    QuotaExceeded,
)
from stash_memory.law import REMEMBERED_MS, Closed, Outcome, decide, missing
from stash_memory.operations import Forget, Operation, Put, Recall, Update
from stash_memory.records import Bounds, Caps, Totals

NOW_MS = 1_768_476_600_000
BODY = (b"12345",)
NOTHING = Totals(0, 0)


class Row(NamedTuple):
    expires_at_ms: int
    size: int = 3
    version: str = "v1"


class Books:
    """A user who keeps `kept`, of which `expired` is not cleared yet."""

    def __init__(self, kept: Totals = NOTHING, expired: Totals = NOTHING) -> None:
        self.kept = kept
        self.expired = expired
        self.buried: dict[str, int] = {}

    def expired_at_ms(self, id: str) -> int | None:
        return self.buried.get(id)

    def held(self, *, exact: bool) -> Totals:
        if not exact:
            return self.kept
        return Totals(self.kept.memories - self.expired.memories, self.kept.bytes - self.expired.bytes)


LIVE = Row(NOW_MS + 60)
DEAD = Row(NOW_MS)
BOUNDS = Bounds(default_ttl_ms=50, max_ttl_ms=100)
OF_ONE: list[Operation] = [Recall("a"), Update("a", BODY), Forget("a")]


def decided(operation: Operation, row: Row | None, books: Books | None = None) -> Outcome:
    size = len(BODY[0]) if getattr(operation, "body", None) is not None else 0
    return decide(operation, row, NOW_MS, books or Books(), size)


@pytest.mark.parametrize("operation", OF_ONE, ids=lambda one: one.verb.name)
def test_a_missing_memory_is_not_found(operation: Operation) -> None:
    with pytest.raises(MemoryNotFound):
        decided(operation, None)


@pytest.mark.parametrize("operation", OF_ONE, ids=lambda one: one.verb.name)
def test_an_expired_row_and_a_tombstone_say_when(operation: Operation) -> None:
    books = Books()
    books.buried["a"] = NOW_MS - 7
    for row, expired_at_ms in ((DEAD, NOW_MS), (None, NOW_MS - 7)):
        with pytest.raises(MemoryExpired) as caught:
            decided(operation, row, books)
        assert caught.value.expired_at_ms == expired_at_ms


def test_an_expiry_is_remembered_for_a_day_and_no_longer() -> None:
    assert isinstance(missing(NOW_MS - REMEMBERED_MS + 1, NOW_MS), MemoryExpired)
    assert isinstance(missing(NOW_MS - REMEMBERED_MS, NOW_MS), MemoryNotFound)
    assert isinstance(missing(None, NOW_MS), MemoryNotFound)


def test_a_recall_reads_unless_its_caller_has_the_version() -> None:
    assert decided(Recall("a"), LIVE) == Outcome(LIVE.expires_at_ms, reads=True)
    assert decided(Recall("a", "v1"), LIVE) == Outcome(LIVE.expires_at_ms, reads=False)
    extending = Recall("a", None, 80, BOUNDS)
    assert decided(extending, LIVE) == Outcome(NOW_MS + 80, reads=True)
    assert decided(extending._replace(at_least_ms=500), LIVE).expires_at_ms == NOW_MS + 100


@pytest.mark.parametrize(
    ("put", "row", "outcome"),
    [
        (Put("a", BODY, 70), None, Outcome(NOW_MS + 70, BODY, created=True)),
        (Put("a", BODY, 70), DEAD, Outcome(NOW_MS + 70, BODY, created=True)),
        (Put("a", BODY, 70), LIVE, Outcome(NOW_MS + 70, BODY)),
        (Put("a", BODY, None, bounds=BOUNDS), None, Outcome(NOW_MS + 50, BODY, created=True)),
        (Put("a", BODY, 70, "v1"), LIVE, Outcome(NOW_MS + 70, BODY)),
        (Put("a", BODY, 70, None, True), DEAD, Outcome(NOW_MS + 70, BODY, created=True)),
    ],
)
def test_a_put_writes(put: Put, row: Row | None, outcome: Outcome) -> None:
    assert decided(put, row) == outcome


@pytest.mark.parametrize(
    ("put", "row"),
    [
        (Put("a", BODY, 70, "v2"), LIVE),
        (Put("a", BODY, 70, "v1"), DEAD),
        (Put("a", BODY, 70, "v1"), None),
        (Put("a", BODY, 70, None, True), LIVE),
    ],
)
def test_a_put_keeps_its_condition(put: Put, row: Row | None) -> None:
    with pytest.raises(PreconditionFailed) as caught:
        decided(put, row)
    assert not isinstance(caught.value, Closed)


def test_a_closed_pool_creates_nothing_and_replaces_what_lives() -> None:
    put = Put("a", BODY, 70, bounds=Bounds(create_before_ms=NOW_MS))
    for row in (None, DEAD):
        with pytest.raises(Closed):
            decided(put, row)
    assert decided(put, LIVE).body == BODY
    assert decided(put._replace(bounds=Bounds(create_before_ms=NOW_MS + 1)), None).created


@pytest.mark.parametrize("operation", [Update("a", BODY, if_version="v2"), Forget("a", "v2")])
def test_a_version_is_judged_of_what_is_there(operation: Operation) -> None:
    with pytest.raises(PreconditionFailed):
        decided(operation, LIVE)
    with pytest.raises(MemoryNotFound):
        decided(operation, None)


def test_an_update_writes_extends_or_both() -> None:
    assert decided(Update("a", BODY), LIVE) == Outcome(LIVE.expires_at_ms, BODY)
    assert decided(Update("a", None, 30, bounds=BOUNDS), LIVE) == Outcome(NOW_MS + 90)
    assert decided(Update("a", BODY, 500, bounds=BOUNDS), LIVE) == Outcome(NOW_MS + 100, BODY)
    assert decided(Update("a", None, None, 80, bounds=BOUNDS), LIVE) == Outcome(NOW_MS + 80)


def test_a_forget_removes() -> None:
    assert decided(Forget("a"), LIVE).removed
    assert decided(Forget("a", "v1"), LIVE).removed


@pytest.mark.parametrize(
    ("caps", "row", "kept", "expired", "fits"),
    [
        (Caps(2, None), None, Totals(1, 10), Totals(0, 0), True),
        (Caps(2, None), None, Totals(2, 10), Totals(0, 0), False),
        (Caps(2, None), None, Totals(2, 10), Totals(1, 1), True),
        (Caps(2, None), LIVE, Totals(2, 10), Totals(0, 0), True),
        (Caps(None, 12), LIVE, Totals(2, 10), Totals(0, 0), True),
        (Caps(None, 11), LIVE, Totals(2, 10), Totals(0, 0), False),
        (Caps(None, 11), LIVE, Totals(2, 10), Totals(1, 1), True),
        (Caps(0, 0), Row(NOW_MS + 60, 5), Totals(9, 99), Totals(0, 0), True),
    ],
)
def test_caps_count_what_lives(caps: Caps, row: Any, kept: Totals, expired: Totals, fits: bool) -> None:
    put = Put("a", BODY, 70, bounds=Bounds(caps=caps))
    if fits:
        assert decided(put, row, Books(kept, expired)).body == BODY
    else:
        with pytest.raises(QuotaExceeded):
            decided(put, row, Books(kept, expired))
