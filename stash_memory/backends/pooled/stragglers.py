"""Stragglers: puts that were under way while the user's move was decided, and came to an end after it.

A process knows of a move before it happens; but a put may begin before that, and take long: its body is large, or
its thread was left waiting. It may create an id in a pool that is closed by then. The pool's own clock tells.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from stash_memory.backends.base import Put, Record
from stash_memory.backends.pooled.stay import Stay
from stash_memory.errors import MemoryMissing, PreconditionFailed

# The user's stays as they are known now; None where what is known is so new that no move can be missing from it.
Renewed: TypeAlias = Callable[[], Sequence[Stay] | None]


class Straggler:
    """Finds out puts that came too late, among those by one who knew of these `stays`."""

    def __init__(self, stays: Sequence[Stay], renewed: Renewed | None) -> None:
        self._stays = stays
        self._renewed = renewed

    def home(self, user: str, put: Put, record: Record, stay: Stay) -> Sequence[Stay] | None:
        """The stays by which the put has to be done again, what it created being gone; None: it was in time.

        Nobody was told of that memory yet. Raises StoreUnavailable.
        """
        if self._renewed is None or stay.until_ms is not None or not record.created:
            return None
        later = self._renewed()
        ended_ms = None if later is None else self._ended_ms(later)
        if ended_ms is None or record.expires_at_ms - put.ttl_ms < ended_ms:
            return None
        try:
            stay.pool.delete(user, put.id, if_version=record.version)
        except (MemoryMissing, PreconditionFailed):
            # Somebody saw it, and replaced it or forgot it: so it was there, and is no more.
            return None
        return later

    def _ended_ms(self, later: Sequence[Stay]) -> int | None:
        """When the last one of our stays ended, as is known now."""
        began_ms = self._stays[-2].until_ms if len(self._stays) > 1 else None
        ends = [stay.until_ms for stay in later if stay.until_ms is not None]
        return min((end for end in ends if began_ms is None or end > began_ms), default=None)
