"""Names: memory ids, which the store makes or a caller chooses, and versions of their data."""

import os
import string
from collections.abc import Iterator

from stash_memory.errors import InvalidRequest

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
LENGTH = 8
TRIES = 5
MAX_BYTES = 256

# `check_id` and `check_prefix` for those who can only say it as a regular expression, but for the length.
ID_PATTERN = r"^(?!([\s\S]*/)?\.{0,2}(/|$))[^\x00-\x1f\x7f-\x9f]+$"
PREFIX_PATTERN = r"^(?!([\s\S]*/)?\.{0,2}/)[^\x00-\x1f\x7f-\x9f]*$"


def new_ids(prefix: str = "") -> Iterator[str]:
    """Ids to try in turn: five of 8 base62 characters (62^8 is about 218 trillion), then one UUID."""
    # Only who makes ids pays for these: a tenth of what it takes to start `stash get`.
    import secrets
    import uuid

    for _ in range(TRIES):
        # One number for all characters: asked for each by itself, the kernel's randomness cost 15 us.
        number = secrets.randbelow(len(ALPHABET) ** LENGTH)
        characters = []
        for _ in range(LENGTH):
            number, digit = divmod(number, len(ALPHABET))
            characters.append(ALPHABET[digit])
        yield prefix + "".join(characters)
    yield prefix + uuid.uuid4().hex


def check_id(memory_id: str) -> str:
    """Returns `memory_id` if a memory can have it. Raises InvalidRequest.

    1 to 256 bytes of UTF-8 with no control characters. `/` parts it into segments, none of which may be
    empty, `.` or `..`: HTTP clients rewrite a path with such segments, and would reach another memory.
    """
    try:
        size = len(memory_id.encode())
    except UnicodeEncodeError:
        raise InvalidRequest("memory_id is not valid UTF-8.", field="memory_id") from None
    if not 1 <= size <= MAX_BYTES:
        raise InvalidRequest(
            f"memory_id is {size} bytes long; it may be 1 to {MAX_BYTES} bytes of UTF-8.", field="memory_id"
        )
    if not memory_id.isprintable() and any(ord(c) < 32 or 127 <= ord(c) < 160 for c in memory_id):
        raise InvalidRequest("memory_id has a control character in it.", field="memory_id")
    # Most ids are one segment, and this is on the way of every get.
    segments = memory_id.split("/") if "/" in memory_id else (memory_id,)
    if not {"", ".", ".."}.isdisjoint(segments):
        raise InvalidRequest(
            'memory_id has a segment that is empty, "." or ".."; clients rewrite such paths.',
            field="memory_id",
        )
    return memory_id


def check_prefix(prefix: str) -> str:
    """Returns `prefix` if a memory's id can begin with it, or be it. Raises InvalidRequest. Empty, it is any id's."""
    try:
        check_id(prefix + "x")
    except InvalidRequest:
        try:
            check_id(prefix)
        except InvalidRequest as error:
            raise InvalidRequest(error.detail.replace("memory_id", "prefix"), field="prefix") from None
    return prefix


def new_version() -> str:
    """A fresh name for each write of data: 16 hexadecimal characters.

    An id would need billions of writes to see one twice.
    """
    return os.urandom(8).hex()
