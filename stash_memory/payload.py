"""The data of a memory: JSON text, kept byte for byte. These are the rules that JSON parsers leave open."""

import codecs
import re
from collections.abc import Iterator

from stash_memory.errors import InvalidRequest, PayloadTooLarge
from stash_memory.records import Buffer

# Big enough that the loop costs nothing, small enough that the decoded copy is forgotten in the cache.
WINDOW = 1024 * 1024

# What may be the escape of a UTF-16 surrogate: it is none where the backslash is escaped itself.
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

    A lone surrogate (RFC 8259, section 8.2) is a string that no UTF-8 encoder can write again, so a value
    with one in it could be stored but never read by most clients.
    """
    try:
        if len(text) <= WINDOW:
            escapes = "\\" in str(text, "utf-8")
        else:
            decoder, escapes = codecs.getincrementaldecoder("utf-8")(), False
            for window in windows(text):
                escapes |= "\\" in decoder.decode(window)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise InvalidRequest(f"{field or 'The text'} is not valid UTF-8.", field=field) from None
    # One backslash is found twenty times as quickly as the expression would find out that there is none.
    if escapes and has_lone_surrogate(text):
        raise InvalidRequest(
            rf"{field or 'The text'} escapes half of a surrogate pair (such as \ud800), which is no character.",
            field=field,
        )


def windows(text: Buffer) -> Iterator[memoryview]:
    """`text` in pieces of at most 1 MB, without a copy."""
    view = memoryview(text)
    for start in range(0, len(view), WINDOW):
        yield view[start : start + WINDOW]


def has_lone_surrogate(text: Buffer) -> bool:
    r"""Whether JSON `text` has an escape such as `\ud83d` without its other half behind it."""
    low_must_start_at = -1
    for start, is_low in surrogate_escapes(text):
        follows_high = start == low_must_start_at
        high_is_alone = low_must_start_at >= 0 and not follows_high
        if high_is_alone or is_low != follows_high:
            return True
        low_must_start_at = -1 if is_low else start + ESCAPE_BYTES
    return low_must_start_at >= 0


def surrogate_escapes(text: Buffer) -> Iterator[tuple[int, bool]]:
    """Where each escape of a surrogate starts, and whether it is a low one.

    Searched in windows: one search of 400 MB would keep every other thread waiting for a second.
    """
    position, end = 0, len(text)
    while position < end:
        found = SURROGATE.search(text, position, min(position + WINDOW, end))
        if found is None:
            # An escape may lie across the window's end.
            position = max(position + 1, position + WINDOW - ESCAPE_BYTES) if position + WINDOW < end else end
            continue
        start, position = found.start(), found.end()
        if backslashes_before(text, start) % 2 == 0:
            yield start, found[1] in b"cCdDeEfF"


def backslashes_before(text: Buffer, position: int) -> int:
    """How many backslashes stand right before `position`: an odd number escapes the one that stands there."""
    first = position
    while first > 0 and text[first - 1] == 0x5C:
        first -= 1
    return position - first
