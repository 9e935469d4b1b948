"""Data: what JSON can hold comes back equal, and what it cannot is refused by name, on every way."""

import enum
import json
import math
from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stash_memory.client.data import decode, encode

WHEN = datetime(2026, 1, 15, tzinfo=UTC)


class Colour(enum.Enum):
    RED = "red"


class Name(str):
    """A str that is a little more."""

    __slots__ = ()


@dataclass
class Point:
    x: int


class Shape(msgspec.Struct):
    x: int


Pair = namedtuple("Pair", "a b")

KEPT = [
    None,
    True,
    0,
    -0.0,
    10**300,
    -(2**64),
    0.1,
    1e308,
    5e-324,
    "",
    "ü日本😀\u0000\u2028",
    [],
    {},
    {"": {"a b": [1, [2, [None]]]}},
    [[[[[[1]]]]]],
]
REFUSED = [
    (WHEN, "data is a datetime, which JSON cannot hold."),
    ({"steps": [1, 2, 3, {"when": WHEN}]}, "data.steps[3].when is a datetime, which JSON cannot hold."),
    ((1, 2), "data is a tuple, which JSON cannot hold; use a list."),
    ([Pair(1, 2)], "data[0] is a Pair, which JSON cannot hold; use a list."),
    ({"a": {1, 2}}, "data.a is a set, which JSON cannot hold; use a list."),
    (b"bytes", "data is a bytes, which JSON cannot hold."),
    (Decimal("1.5"), "data is a Decimal, which JSON cannot hold."),
    (UUID(int=1), "data is an UUID, which JSON cannot hold."),
    (Colour.RED, "data is a Colour, which JSON cannot hold."),
    (Point(1), "data is a Point, which JSON cannot hold."),
    (Shape(1), "data is a Shape, which JSON cannot hold."),
    ([math.nan], "data[0] is nan, which JSON cannot hold."),
    ({"x": -math.inf}, "data.x is -inf, which JSON cannot hold."),
    ({1: "a"}, "data has the key 1, an int; the keys of a JSON object are strings."),
    ({"a b": {None: 1}}, 'data["a b"] has the key None, a NoneType; the keys of a JSON object are strings.'),
    ("\ud800", "data has half of a surrogate pair in it, which is no character."),
    ({"\udc00": 1}, "data has a key with half of a surrogate pair in it, which is no character."),
]


@pytest.mark.parametrize("data", KEPT, ids=lambda data: repr(data)[:20])
def test_what_json_can_hold_comes_back_equal(stash: Any, data: object) -> None:
    stash.set("a", data)
    assert stash.get("a") == data
    assert type(stash.get("a")) is type(data)
    assert stash.recall("a").data == data
    assert stash.get_many(["a"])["a"] == data


def test_subclasses_come_back_as_what_they_are_equal_to(stash: Any) -> None:
    stash.set("a", {"name": Name("Ada"), "more": OrderedDict(b=1), "status": enum.StrEnum("S", "ON").ON})
    assert stash.get("a") == {"name": "Ada", "more": {"b": 1}, "status": "on"}


@pytest.mark.parametrize(("data", "said"), REFUSED, ids=[said[:40] for _, said in REFUSED])
def test_what_json_cannot_hold_is_a_type_error_that_names_the_culprit(data: object, said: str) -> None:
    with pytest.raises(TypeError) as found:
        encode(data)
    assert str(found.value) == said
    assert found.value.__cause__ is None


def test_every_way_refuses_it_before_anything_is_written(stash: Any) -> None:
    stash.set("a", 1)
    for write in (
        lambda: stash.set("a", {"when": WHEN}),
        lambda: stash.update("a", {"when": WHEN}),
        lambda: stash.stash({"when": WHEN}),
        lambda: stash.set_many({"a": 2, "b": {"when": WHEN}}),
        lambda: stash.batch().set("a", {"when": WHEN}),
    ):
        with pytest.raises(TypeError, match=r"data\.when is a datetime"):
            write()
    assert stash.get("a") == 1
    assert not stash.exists("b")


def test_what_contains_itself_is_found() -> None:
    steps: list[object] = [1]
    steps.append({"parent": steps})
    with pytest.raises(TypeError, match=r"^data\.steps\[1\]\.parent contains itself"):
        encode({"steps": steps})


def test_the_same_list_twice_is_no_circle() -> None:
    shared = [1]
    assert encode([shared, shared]) == b"[[1],[1]]"


def test_what_is_nested_too_deeply_is_said_to_be() -> None:
    for levels in (5_000, 100_000):
        deep: list[object] = []
        for _ in range(levels):
            deep = [deep]
        with pytest.raises(TypeError, match="nested too deeply"):
            encode(deep)


def test_numbers_that_others_wrote_are_read_as_python_reads_them() -> None:
    assert decode(b"[1e400, -1e400]") == [math.inf, -math.inf]
    assert decode(b"[12345678901234567890123]") == [12345678901234567890123]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), inner)
    ),
    max_leaves=20,
)


@given(JSON)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_json_comes_back_equal_and_is_what_others_read(data: object) -> None:
    text = encode(data)
    assert decode(text) == data == json.loads(text)
    assert repr(decode(text)) == repr(data)
