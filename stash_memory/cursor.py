"""The cursor of a listing: where the next page begins, as text that callers need not understand."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from stash_memory.errors import InvalidRequest
from stash_memory.ids import MAX_BYTES

# How many memories a page shows by default, and at most.
PAGE, LONGEST_PAGE = 100, 1000


def cursor_after(memory_id: str) -> str:
    """The cursor of the page that begins after this id."""
    return urlsafe_b64encode(memory_id.encode()).rstrip(b"=").decode()


def id_before(cursor: str) -> str:
    """The id after which the page begins. Raises InvalidRequest for what no listing gave."""
    try:
        encoded = cursor.encode("ascii")
        memory_id = urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4)).decode()
    except ValueError:
        memory_id = ""
    if not 1 <= len(memory_id.encode()) <= MAX_BYTES or cursor_after(memory_id) != cursor:
        raise InvalidRequest("cursor is not one that a listing gave; start without it.", field="cursor")
    return memory_id
