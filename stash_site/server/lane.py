"""The lane for large bodies: of the threads that compute, at most half are at them, and small requests have the rest.

A large body may compute for seconds (its JSON is checked, its chunks are written), and four at once would keep
everyone waiting as long. The server knows its threads and the application knows what is large: so the application
finds the lane in its environ, as `stash.large_bodies`.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from stash_site.server.slots import RunSlots

Application = Callable[..., Iterable[bytes]]


class Lane:
    """Holds half of the run slots' threads, and at least one."""

    def __init__(self, threads: int, slots: RunSlots) -> None:
        self._room = threading.BoundedSemaphore(max(1, threads // 2))
        self._slots = slots

    def enter(self, seconds: float) -> bool:
        """Whether there was room within so many seconds, in which this thread's run slot serves others."""
        if self._room.acquire(blocking=False):
            return True
        return self._slots.lend(lambda: self._room.acquire(timeout=seconds))

    def leave(self) -> None:
        """Makes room for the next."""
        self._room.release()

    def beside(self, application: Application) -> Application:
        """The WSGI application with the lane in its environ."""

        def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            environ["stash.large_bodies"] = self
            return application(environ, start_response)

        return answer
