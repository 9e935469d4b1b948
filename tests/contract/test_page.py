"""Listing: in order, page by page, while others come and go."""

import random

import pytest

from tests.contract.cast import ALICE, BOB, LONG, SHORT, ids
from tests.contract.engines import Engine


def keep(engine: Engine, names: list[str], ttl_ms: int = LONG) -> None:
    for name in names:
        engine.backend.put(ALICE, name, [b"1"], ttl_ms)


def test_an_entry_is_a_record_without_its_body(engine: Engine) -> None:
    put = engine.backend.put(ALICE, "plan", [b"12", b"345"], LONG)
    engine.advance(100)
    page = engine.backend.page(ALICE)
    assert page.cursor is None
    [entry] = page.entries
    assert (entry.id, entry.size, entry.version) == ("plan", 5, put.version)
    assert entry.expires_at_ms == put.expires_at_ms
    assert engine.near(entry.remaining_ms, LONG - 100)


def test_an_entry_shows_the_newest_state(engine: Engine) -> None:
    engine.backend.put(ALICE, "plan", [b"1"], LONG)
    updated = engine.backend.update(ALICE, "plan", body=[b"333"], extra_ms=1_000, max_ttl_ms=2 * LONG)
    [entry] = engine.backend.page(ALICE).entries
    assert (entry.size, entry.version, entry.expires_at_ms) == (3, updated.version, updated.expires_at_ms)


def test_a_user_with_nothing_has_an_empty_page(engine: Engine) -> None:
    assert engine.backend.page(ALICE) == ([], None)


def test_entries_come_in_the_order_of_their_utf8(engine: Engine) -> None:
    names = [
        "a",
        "B",
        "b",
        "ž",
        "e\u0301",
        "\u00e9",
        "\uffff",
        "\U0001f98a",
        "10",
        "9",
        "a/",
        "a-",
        "a0",
        "A",
    ]
    random.Random(1).shuffle(names)
    keep(engine, names)
    assert ids(engine.backend, ALICE) == sorted(names, key=str.encode)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 20, 21, 100])
def test_pages_of_any_size_show_all_once_and_in_order(engine: Engine, limit: int) -> None:
    names = [f"{n:02}" for n in range(20)]
    keep(engine, random.Random(2).sample(names, 20))
    assert ids(engine.backend, ALICE, limit=limit) == names


def test_a_page_is_as_long_as_its_limit(engine: Engine) -> None:
    keep(engine, [f"{n:02}" for n in range(20)])
    page = engine.backend.page(ALICE, limit=7)
    assert [entry.id for entry in page.entries] == [f"{n:02}" for n in range(7)]
    assert page.cursor is not None


def test_a_page_has_a_hundred_entries_where_nothing_is_said(engine: Engine) -> None:
    keep(engine, [f"{n:03}" for n in range(101)])
    assert len(engine.backend.page(ALICE).entries) == 100
    assert ids(engine.backend, ALICE)[-1] == "100"


@pytest.mark.parametrize(
    "prefix", ["%", "_", "*", "?", "[", "[ab]", "\\", "a%", "a_", "a*", "ž", "ně", "🦊", "🦊🦊"]
)
def test_a_prefix_is_letters_and_no_pattern(engine: Engine, prefix: str) -> None:
    others = ["a", "ab", "abc", "b", "z", "x_", "Ž", "n", "🦝", "e", "ne"]
    theirs = [prefix, prefix + "%", prefix + "a", prefix + "\U0010ffff"]
    keep(engine, [*others, *theirs])
    assert ids(engine.backend, ALICE, prefix=prefix) == sorted(theirs, key=str.encode)
    assert ids(engine.backend, ALICE, prefix=prefix, limit=1) == sorted(theirs, key=str.encode)


@pytest.mark.parametrize("prefix", ["\U0010ffff", "a\U0010ffff", "\x7f", "a\ud7ff", "a\uffff"])
def test_a_prefix_that_ends_in_a_last_character_ends_there(engine: Engine, prefix: str) -> None:
    keep(engine, [prefix, prefix + "x", "a", "b", "\ue000", "z" * 200])
    assert ids(engine.backend, ALICE, prefix=prefix) == [prefix, prefix + "x"]


def test_a_prefix_is_told_by_case(engine: Engine) -> None:
    keep(engine, ["Plan/1", "plan/1", "PLAN/1"])
    assert ids(engine.backend, ALICE, prefix="plan/") == ["plan/1"]


def test_a_composed_letter_is_no_prefix_of_a_decomposed_one(engine: Engine) -> None:
    keep(engine, ["\u00e9x", "e\u0301x", "ex"])
    assert ids(engine.backend, ALICE, prefix="\u00e9") == ["\u00e9x"]
    assert ids(engine.backend, ALICE, prefix="e") == ["ex", "e\u0301x"]


def test_a_prefix_that_none_has_shows_nothing(engine: Engine) -> None:
    keep(engine, ["a", "c"])
    assert engine.backend.page(ALICE, "b") == ([], None)


def test_expired_records_are_skipped_and_cut_no_page_short(engine: Engine) -> None:
    keep(engine, [f"{n:02}" for n in range(0, 40, 2)], SHORT)
    keep(engine, [f"{n:02}" for n in range(1, 40, 2)])
    engine.advance(SHORT)
    page = engine.backend.page(ALICE, limit=10)
    assert [entry.id for entry in page.entries] == [f"{n:02}" for n in range(1, 20, 2)]
    assert ids(engine.backend, ALICE, limit=3) == [f"{n:02}" for n in range(1, 40, 2)]


def test_a_cursor_survives_its_record(engine: Engine) -> None:
    keep(engine, ["a", "b", "c", "d"])
    cursor = engine.backend.page(ALICE, limit=2).cursor
    for name in ["a", "b"]:
        engine.backend.delete(ALICE, name)
    assert [entry.id for entry in engine.backend.page(ALICE, cursor=cursor).entries] == ["c", "d"]


@pytest.mark.parametrize("seed", range(5))
def test_what_lived_throughout_is_shown_once_while_others_come_and_go(engine: Engine, seed: int) -> None:
    chance = random.Random(seed)
    names = [f"{n:03}" for n in range(200)]
    constant = set(chance.sample(names, 100))
    passing = [name for name in names if name not in constant]
    keep(engine, chance.sample(names, 150))
    keep(engine, sorted(constant))
    shown: list[str] = []
    cursor = None
    while True:
        page = engine.backend.page(ALICE, "", cursor, 7)
        shown += [entry.id for entry in page.entries]
        cursor = page.cursor
        if cursor is None:
            break
        for name in chance.sample(passing, 10):
            engine.backend.put(ALICE, name, [b"1"], LONG)
        for name in chance.sample(passing, 10):
            engine.backend.delete_prefix(ALICE, name)
        for name in chance.sample(sorted(constant), 10):
            engine.backend.put(ALICE, name, [b"another"], LONG)
    assert len(shown) == len(set(shown))
    assert constant <= set(shown)
    assert shown == sorted(shown)


def test_pages_end_though_new_records_come(engine: Engine) -> None:
    keep(engine, [f"a{n:02}" for n in range(20)])
    cursor, pages = None, 0
    while pages == 0 or cursor is not None:
        cursor = engine.backend.page(ALICE, "a", cursor, 5).cursor
        pages += 1
        keep(engine, [f"A{pages}", f"b{pages}"])
        assert pages < 10


def test_a_new_record_is_in_the_next_listing(engine: Engine) -> None:
    keep(engine, ["a", "c"])
    assert ids(engine.backend, ALICE) == ["a", "c"]
    keep(engine, ["b"])
    assert ids(engine.backend, ALICE) == ["a", "b", "c"]
    engine.backend.delete(ALICE, "a")
    assert ids(engine.backend, ALICE) == ["b", "c"]


def test_a_page_shows_one_users_records_alone(engine: Engine) -> None:
    keep(engine, ["a", "c"])
    engine.backend.put(BOB, "b", [b"1"], LONG)
    assert ids(engine.backend, ALICE) == ["a", "c"]
    assert ids(engine.backend, BOB) == ["b"]


def test_a_thousand_records_are_listed_by_the_hundred(engine: Engine) -> None:
    names = [f"{n:04}" for n in range(1_000)]
    keep(engine, names[::-1])
    assert ids(engine.backend, ALICE) == names
    assert ids(engine.backend, ALICE, prefix="05") == names[500:600]
