"""Memory ids."""

import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stash_memory.errors import InvalidRequest
from stash_memory.ids import ALPHABET, ID_PATTERN, MAX_BYTES, PREFIX_PATTERN, check_id, check_prefix, new_ids


def test_five_short_ids_are_tried_and_then_a_uuid() -> None:
    *short, last = new_ids("run/")

    assert [len(memory_id) for memory_id in short] == [4 + 8] * 5
    assert all(set(memory_id[4:]) <= set(ALPHABET) for memory_id in short)
    assert all(memory_id.startswith("run/") for memory_id in [*short, last])
    assert len(last) == 4 + 32
    assert len({*short, last}) == 6


@pytest.mark.parametrize(
    "memory_id",
    [
        "a",
        "x" * 256,
        "é" * 128,
        "🦆" * 64,
        "a/b:c",
        "a b",
        "...",
        "a/.b",
        "index:{usr_a}",
        "{}",
        "%2F",
        "\u2028",
        "~",
    ],
)
def test_an_id_that_a_memory_can_have(memory_id: str) -> None:
    assert check_id(memory_id) == memory_id


@pytest.mark.parametrize(
    ("memory_id", "sentence"),
    [
        ("", "0 bytes long"),
        ("x" * 257, "257 bytes long"),
        ("é" * 129, "258 bytes long"),
        ("\ud800", "not valid UTF-8"),
        ("a\x00", "control character"),
        ("a\nb", "control character"),
        ("\x7f", "control character"),
        ("\x85", "control character"),
        (".", "segment"),
        ("..", "segment"),
        ("a/../b", "segment"),
        ("a/./b", "segment"),
        ("/a", "segment"),
        ("a/", "segment"),
        ("a//b", "segment"),
    ],
)
def test_an_id_that_no_memory_can_have(memory_id: str, sentence: str) -> None:
    with pytest.raises(InvalidRequest, match=sentence) as refused:
        check_id(memory_id)
    assert refused.value.field == "memory_id"


@given(st.text(max_size=300))
def test_any_text_is_either_an_id_or_refused(text: str) -> None:
    with suppress(InvalidRequest):
        assert check_id(text) == text


# Made of what the rules are about, so that many are ids and many are not.
TRICKY = st.text(st.sampled_from("ab./\x00\x1f\x7f\x9f\u2028é\n"), max_size=8)


@given(st.one_of(TRICKY, st.text(max_size=300)))
def test_the_patterns_that_describe_ids_say_what_the_checks_do(text: str) -> None:
    fits = len(text.encode()) <= MAX_BYTES
    # Only ECMA's $ is the very end; Python's is also before a last line break.
    assert accepted(check_id, text) == (fits and re.search(f"(?:{ID_PATTERN})(?!\\n)", text) is not None)
    assert accepted(check_prefix, text) == (
        fits and re.search(f"(?:{PREFIX_PATTERN})(?!\\n)", text) is not None
    )


def accepted(check: Callable[[str], str], text: str) -> bool:
    """Whether the check lets it pass."""
    try:
        return check(text) == text
    except InvalidRequest:
        return False
