"""The rules of JSON text that parsers leave open."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stash_memory import payload
from stash_memory.errors import InvalidRequest, PayloadTooLarge
from stash_memory.payload import check_size, check_text, has_lone_surrogate

PARTS = [r"\ud83d", r"\ude00", r"\uD83D", r"\uDE00", r"\\", r"\"", r"\n", "ud83d", r"\u00e9", "x", "é", "🦆"]


def is_half_a_character(text: str) -> bool:
    """What Python makes of it: a string with a surrogate in it cannot be encoded."""
    try:
        json.loads(text).encode()
    except UnicodeEncodeError:
        return True
    return False


@given(st.lists(st.sampled_from(PARTS), max_size=12), st.sampled_from([6, 7, 13, 1024]))
def test_a_lone_surrogate_is_found_wherever_it_stands(parts: list[str], window: int) -> None:
    text = '"' + "".join(parts) + '"'
    before, payload.WINDOW = payload.WINDOW, window
    try:
        found = has_lone_surrogate(text.encode())
    finally:
        payload.WINDOW = before

    assert found == is_half_a_character(text)


def test_a_high_surrogate_alone_is_found_before_a_whole_pair() -> None:
    assert has_lone_surrogate(rb'"\ud83d\\ \ud83d\ude00"')


def test_escapes_across_the_windows_of_a_large_text_are_whole() -> None:
    pair = rb"\ud83d\ude00"
    for shift in range(14):
        text = b'"' + b"x" * (payload.WINDOW - shift) + pair + b'"'
        assert not has_lone_surrogate(text)
        assert has_lone_surrogate(text.replace(rb"\ude00", b""))


def test_large_text_is_checked_as_small_text_is() -> None:
    text = ("é" * payload.WINDOW).encode()
    check_text(text)
    check_text(memoryview(text))
    for cut in (1, 2 * payload.WINDOW - 1):
        with pytest.raises(InvalidRequest, match="not valid UTF-8"):
            check_text(text[:cut])


@given(st.binary(max_size=40))
def test_what_is_not_utf_8_is_refused(text: bytes) -> None:
    try:
        text.decode()
    except UnicodeDecodeError:
        with pytest.raises(InvalidRequest):
            check_text(text, "data")
    else:
        if not has_lone_surrogate(text):
            check_text(text, "data")


def test_a_size_of_exactly_the_limit_is_allowed() -> None:
    check_size(100, 100)
    with pytest.raises(
        PayloadTooLarge, match="data is 101 bytes of JSON text; the limit is 100 bytes"
    ) as refused:
        check_size(101, 100)
    assert refused.value.limit_bytes == 100
