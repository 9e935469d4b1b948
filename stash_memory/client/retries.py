"""Decides when a request is sent again: a procedure, without I/O, whose steps are requests and waits.

Never if the request may have been applied and is not idempotent. Always, within `max_wait`, if the request was not
sent, or if the server says that it did nothing: a rate limit, a 503 with `applied: false`.
"""

import random
import time

from stash_memory.client.problems import read_error
from stash_memory.client.procedures import Procedure, Wait
from stash_memory.client.wire import Request, Response, read_document
from stash_memory.errors import RateLimited, StashError, StoreUnavailable

# The most tries of a request, not counting those that a rate limit refused.
TRIES = 4
FIRST_WAIT_S = 0.1


class Unsent(Exception):
    """The connection failed, and nothing was sent. The message is a sentence."""


class Lost(Exception):
    """At least a part of the request was sent, and no answer came. The message is a sentence."""


def exchange(request: Request, max_wait: float) -> Procedure[Response]:
    """Exchanges the request for its response, which may be an error that no retry can help.

    Raises StoreUnavailable, RateLimited.
    """
    until = time.monotonic() + max_wait
    tries = 0
    lost = False
    while True:
        response: Response | None = None
        try:
            response = yield request
            error = read_failure(response)
            lost = lost or (request.writes and getattr(error, "applied", False) == "unknown")
        except Unsent as unsent:
            error = StoreUnavailable(str(unsent))
        except Lost as gone:
            lost = lost or request.writes
            error = StoreUnavailable(str(gone), applied="unknown" if request.writes else False)
        if response is not None and (error is None or getattr(error, "applied", False) is True):
            return response._replace(repeated=lost)
        assert error is not None
        tries += not isinstance(error, RateLimited)
        wait = choose_wait(error, tries, answered=response is not None)
        may_repeat = request.repeatable or not lost
        if not may_repeat or tries >= TRIES or time.monotonic() + wait > until:
            if lost:
                raise StoreUnavailable(error.detail, applied="unknown")
            raise error
        yield Wait(wait)


def read_failure(response: Response) -> RateLimited | StoreUnavailable | None:
    """Reads the response's error if a later try may succeed; otherwise None."""
    if response.status not in (429, 502, 503, 504):
        return None
    error: StashError = read_error(
        response.status, read_document(response.body), response.headers.get("retry-after")
    )
    return error if isinstance(error, RateLimited | StoreUnavailable) else None


def choose_wait(error: RateLimited | StoreUnavailable, tries: int, *, answered: bool) -> float:
    """Seconds until the next try: the server's wish, or twice as long as before with a random part."""
    if answered:
        return max(0.05, error.retry_after_ms / 1000)
    return FIRST_WAIT_S * (1 << (tries - 1)) * random.uniform(0.5, 1)  # noqa: S311 - it keeps clients apart
