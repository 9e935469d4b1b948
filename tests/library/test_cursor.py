"""The cursor of a listing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stash_memory.errors import InvalidRequest
from stash_memory.ids import cursor_after, id_before

IDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=64).filter(
    lambda text: len(text.encode()) <= 256
)


@given(IDS)
def test_a_cursor_leads_back_to_its_id_and_needs_no_escape(memory_id: str) -> None:
    cursor = cursor_after(memory_id)

    assert id_before(cursor) == memory_id
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize("cursor", ["", "!", "YQ==", "YR", "a", "é", "_w", "YWFh" * 100, "YQ\n"])
def test_what_no_listing_gave_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        id_before(cursor)

    assert caught.value.field == "cursor"
