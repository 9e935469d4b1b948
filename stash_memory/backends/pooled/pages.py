"""One page of several pools."""

from collections.abc import Sequence

from stash_memory.backends.base import Page


def merged(pages: Sequence[Page], limit: int) -> Page:
    """The pages that each pool gave of the same range, as one of at most `limit` entries; the newest pool comes first.

    An id that went from one pool to another between two of them is shown once, as the newer pool has it.
    """
    found = {entry.id: entry for page in reversed(pages) for entry in page.entries}
    entries = sorted(found.values(), key=lambda entry: entry.id.encode())
    # What lies beyond a pool's cursor, nobody has looked at there yet.
    cursors = [page.cursor for page in pages if page.cursor is not None]
    if cursors:
        end = min(cursors, key=str.encode)
        entries = [entry for entry in entries if entry.id.encode() <= end.encode()]
    if len(entries) > limit:
        return Page(entries[:limit], entries[limit - 1].id)
    return Page(entries, end if cursors else None)
