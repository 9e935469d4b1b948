"""Checks a memory's data, JSON text kept byte for byte, by the rules that JSON parsers leave open."""

import codecs
import re
from collections.abc import Iterator

from stash_memory.errors import InvalidRequest, PayloadTooLarge
from stash_memory.records import Buffer

# Large enough that the loop costs nothing, small enough that the decoded copy stays in the CPU's cache.
WINDOW = 1024 * 1024

# A possible escape of a UTF-16 surrogate; it is none if its backslash is itself escaped.
SURROGATE = re.compile(rb"\\u[dD]([89a-fA-F])[0-9a-fA-F]{2}")
ESCAPE_BYTES = len(rb"\ud83d")


def check_size(size: int, limit: int) -> None:
    """Raises PayloadTooLarge if `size` bytes of JSON text are more than `limit`."""
    if size > limit:
        raise PayloadTooLarge(
            f"data is {size:,} bytes of JSON text; the limit is {limit:,} bytes.", limit_bytes=limit
        )


def check_text(text: Buffer, field: str | None = None) -> None:
    """Raises InvalidRequest if `text` is not UTF-8 (RFC 8259, section 8.1), or escapes half a surrogate pair.

    No UTF-8 encoder can write a lone surrogate (RFC 8259, section 8.2), so most clients could never read such a value.
    """
    try:
        if len(text) <= WINDOW:
            escapes = "\\" in str(text, "utf-8")
        else:
            decoder, escapes = codecs.getincrementaldecoder("utf-8")(), False
            for window in split(text):
                escapes |= "\\" in decoder.decode(window)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise InvalidRequest(f"{field or 'The text'} is not valid UTF-8.", field=field) from None
    # Searching for a backslash first is twenty times as fast as the expression on text without one.
    if escapes and has_lone_surrogate(text):
        raise InvalidRequest(
            rf"{field or 'The text'} escapes half of a surrogate pair (such as \ud800), which is no character.",
            field=field,
        )


def split(text: Buffer) -> Iterator[memoryview]:
    """Yields `text` in pieces of at most 1 MB, without a copy."""
    view = memoryview(text)
    for start in range(0, len(view), WINDOW):
        yield view[start : start + WINDOW]


def has_lone_surrogate(text: Buffer) -> bool:
    r"""Whether JSON `text` has an escape such as `\ud83d` that its other half does not follow."""
    low_must_start_at = -1
    for start, is_low in find_surrogates(text):
        follows_high = start == low_must_start_at
        high_is_alone = low_must_start_at >= 0 and not follows_high
        if high_is_alone or is_low != follows_high:
            return True
        low_must_start_at = -1 if is_low else start + ESCAPE_BYTES
    return low_must_start_at >= 0


def find_surrogates(text: Buffer) -> Iterator[tuple[int, bool]]:
    """Yields the start of each surrogate's escape, and whether the surrogate is a low one.

    It searches in windows: one search of 400 MB would block every other thread for a second.
    """
    position, end = 0, len(text)
    while position < end:
        found = SURROGATE.search(text, position, min(position + WINDOW, end))
        if found is None:
            # An escape may lie across the window's end.
            position = max(position + 1, position + WINDOW - ESCAPE_BYTES) if position + WINDOW < end else end
            continue
        start, position = found.start(), found.end()
        if count_backslashes_before(text, start) % 2 == 0:
            yield start, found[1] in b"cCdDeEfF"


def count_backslashes_before(text: Buffer, position: int) -> int:
    """Counts the backslashes right before `position`; an odd number escapes the one at `position`."""
    first = position
    while first > 0 and text[first - 1] == 0x5C:
        first -= 1
    return position - first
