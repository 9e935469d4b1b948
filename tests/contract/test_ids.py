"""Ids that a backend may stumble over: each is a name like any other."""

import pytest

from tests.contract.cast import ALICE, BOB, LONG, assert_not_found, content, ids
from tests.contract.engines import Engine

ODD_IDS = {
    "256 bytes of emoji": "🦊" * 64,
    "256 bytes of ASCII": "x" * 256,
    "one letter": "x",
    "a space": " ",
    "a slash": "a/b/c",
    "colons": "a:b:c",
    "a key of a user": "user:{usr_alice}:plan",
    "an index": "index:{usr_alice}",
    "a chunk": "chunk:{usr_alice}:0123456789abcdef",
    "a bucket": "bucket:{usr_alice}",
    "a tombstone": "tombstone:{usr_alice}",
    "a version": "0123456789abcdef",
    "braces": "{}{usr_bob}",
    "a percent sign": "100%",
    "an underscore": "1_0",
    "a star": "a*",
    "brackets": "a[bc]?",
    "a backslash": "a\\b",
    "quotes": "'\"; DROP TABLE records; --",
    "a number": "1",
    "the same number otherwise": "01",
    "None": "None",
    "null": "null",
    "composed": "\u00e9",
    "decomposed": "e\u0301",
    "full width": "\uff41",
    "beyond the basic plane": "\U0001f98a",
    "the last of the basic plane": "\uffff",
    "right to left": "\u202eabc",
    "an upper one": "X",
    "a sharp s": "stra\u00dfe",
    "two s": "strasse",
}


@pytest.mark.parametrize("id", ODD_IDS.values(), ids=ODD_IDS.keys())
def test_an_odd_id_is_a_name_like_any_other(engine: Engine, id: str) -> None:
    put = engine.backend.put(ALICE, id, [b"1"], LONG, if_absent=True)
    assert content(engine.backend.get(ALICE, id)) == b"1"
    engine.backend.update(ALICE, id, body=[b"2"], max_ttl_ms=LONG, if_version=put.version)
    assert content(engine.backend.get(ALICE, id)) == b"2"
    assert ids(engine.backend, ALICE) == [id]
    assert ids(engine.backend, ALICE, prefix=id) == [id]
    engine.backend.delete(ALICE, id)
    assert_not_found(engine.backend, ALICE, id)


def test_no_two_odd_ids_are_the_same(engine: Engine) -> None:
    for name in ODD_IDS.values():
        assert engine.backend.put(ALICE, name, [name.encode()], LONG).created is True
    assert all(content(engine.backend.get(ALICE, name)) == name.encode() for name in ODD_IDS.values())


def test_odd_ids_are_listed_in_the_order_of_their_utf8(engine: Engine) -> None:
    for name in ODD_IDS.values():
        engine.backend.put(ALICE, name, [b"1"], LONG)
    assert ids(engine.backend, ALICE, limit=4) == sorted(ODD_IDS.values(), key=str.encode)


@pytest.mark.parametrize(
    ("mine", "hers"),
    [
        (("usr_a", "b:c"), ("usr_a:b", "c")),
        (("1", "11"), ("11", "1")),
    ],
)
def test_user_and_id_never_run_together(engine: Engine, mine: tuple[str, str], hers: tuple[str, str]) -> None:
    engine.backend.put(*mine, [b"mine"], LONG)
    assert_not_found(engine.backend, *hers)
    engine.backend.put(*hers, [b"hers"], LONG)
    assert content(engine.backend.get(*mine)) == b"mine"


def test_one_users_odd_ids_are_out_of_anothers_sight(engine: Engine) -> None:
    for name in ODD_IDS.values():
        engine.backend.put(ALICE, name, [b"1"], LONG)
    assert ids(engine.backend, BOB) == []
