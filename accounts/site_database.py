"""The database of users and keys, for the length of one question or one change."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, connection, transaction

from stash_memory.errors import Applied, StoreUnavailable

SENTENCE = "The database of users and keys cannot be reached."


@contextmanager
def asked() -> Iterator[None]:
    """Reads within the block; the connection is given back at its end. Raises StoreUnavailable."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        raise StoreUnavailable(SENTENCE) from error
    finally:
        give_back()


@contextmanager
def changed() -> Iterator[None]:
    """Writes within the block, in one transaction. Raises StoreUnavailable, which says whether it was applied."""
    applied: Applied = False
    try:
        with transaction.atomic():
            yield
            # What fails from here on is the commit, and its answer may be all that was lost.
            applied = "unknown"
    except (DatabaseError, InterfaceError) as error:
        raise StoreUnavailable(SENTENCE, applied=applied) from error
    finally:
        give_back()


def give_back() -> None:
    """A slow client may come next, perhaps: none may keep a connection to the database waiting for it."""
    if not connection.in_atomic_block:
        connection.close()
