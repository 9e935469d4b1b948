"""Makes ids, cursors and versions, and checks the ids and cursors of callers."""

import os
import string
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator

from stash_memory.errors import InvalidRequest

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
LENGTH = 8
TRIES = 5
MAX_BYTES = 256

# `check_id` and `check_prefix` as regular expressions, except for the length.
ID_PATTERN = r"^(?!([\s\S]*/)?\.{0,2}(/|$))[^\x00-\x1f\x7f-\x9f]+$"
PREFIX_PATTERN = r"^(?!([\s\S]*/)?\.{0,2}/)[^\x00-\x1f\x7f-\x9f]*$"

# How many memories a page shows by default, and at most.
PAGE, LONGEST_PAGE = 100, 1000


def new_ids(prefix: str = "") -> Iterator[str]:
    """Yields ids to try in turn: five of 8 base62 characters (62^8 is about 218 trillion), then one UUID."""
    # Imported here: they would take a tenth of the start of `stash get`, which makes no ids.
    import secrets
    import uuid

    for _ in range(TRIES):
        # One random number for all characters: a number for each would cost 15 us of kernel time.
        number = secrets.randbelow(len(ALPHABET) ** LENGTH)
        characters = []
        for _ in range(LENGTH):
            number, digit = divmod(number, len(ALPHABET))
            characters.append(ALPHABET[digit])
        yield prefix + "".join(characters)
    yield prefix + uuid.uuid4().hex


def check_id(memory_id: str) -> str:
    """Returns `memory_id` if a memory can have it. Raises InvalidRequest.

    An id has 1 to 256 bytes of UTF-8 and no control characters. `/` parts it into segments, none of which may be
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
    # Every get comes through here, and most ids are one segment.
    segments = memory_id.split("/") if "/" in memory_id else (memory_id,)
    if not {"", ".", ".."}.isdisjoint(segments):
        raise InvalidRequest(
            'memory_id has a segment that is empty, "." or ".."; clients rewrite such paths.',
            field="memory_id",
        )
    return memory_id


def check_prefix(prefix: str) -> str:
    """Returns `prefix` if a memory's id can begin with it, or equal it. Raises InvalidRequest. It may be empty."""
    try:
        check_id(prefix + "x")
    except InvalidRequest:
        try:
            check_id(prefix)
        except InvalidRequest as error:
            raise InvalidRequest(error.detail.replace("memory_id", "prefix"), field="prefix") from None
    return prefix


def cursor_after(memory_id: str) -> str:
    """Makes the cursor of the page that begins after this id: text that callers pass back unread."""
    return urlsafe_b64encode(memory_id.encode()).rstrip(b"=").decode()


def id_before(cursor: str) -> str:
    """Reads the id after which the cursor's page begins. Raises InvalidRequest if no listing gave the cursor."""
    try:
        encoded = cursor.encode("ascii")
        memory_id = urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4)).decode()
    except ValueError:
        memory_id = ""
    if not 1 <= len(memory_id.encode()) <= MAX_BYTES or cursor_after(memory_id) != cursor:
        raise InvalidRequest("cursor is not one that a listing gave; start without it.", field="cursor")
    return memory_id


def new_version() -> str:
    """Makes a version, which names one write of data: 16 random hexadecimal digits, which never repeat in practice."""
    return os.urandom(8).hex()
