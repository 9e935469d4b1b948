"""When a request is sent again, without I/O: a procedure whose steps are requests to send and times to wait.

Never when it may have been applied and twice is not the same as once. Always, within `max_wait`, when it was not sent,
or the server says that it did nothing of it: a rate limit, a 503 with `applied: false`.
"""

import random
import time

from stash_memory.client.problems import error_of
from stash_memory.client.steps import Procedure, Wait
from stash_memory.client.wire import Request, Response, document
from stash_memory.errors import RateLimited, StashError, StoreUnavailable

# How often a request is sent at most, not counting those that a rate limit refused.
TRIES = 4
FIRST_WAIT_S = 0.1


class Unsent(Exception):
    """There was no connection; nothing was sent. The message is a sentence."""


class Lost(Exception):
    """It was sent, at least a part of it, and no answer came. The message is a sentence."""


def exchange(request: Request, max_wait: float) -> Procedure[Response]:
    """The response to the request, which may be an error that there is no use in trying again.

    Raises StoreUnavailable.
    """
    until = time.monotonic() + max_wait
    tries = 0
    lost = False
    while True:
        response: Response | None = None
        try:
            response = yield request
            error = failure(response)
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
        wait = pause(error, tries, answered=response is not None)
        may_repeat = request.repeatable or not lost
        if not may_repeat or tries >= TRIES or time.monotonic() + wait > until:
            if lost:
                raise StoreUnavailable(error.detail, applied="unknown")
            raise error
        yield Wait(wait)


def failure(response: Response) -> RateLimited | StoreUnavailable | None:
    """The error in the response, where it may pass by itself."""
    if response.status not in (429, 502, 503, 504):
        return None
    error: StashError = error_of(
        response.status, document(response.body), response.headers.get("retry-after")
    )
    return error if isinstance(error, RateLimited | StoreUnavailable) else None


def pause(error: RateLimited | StoreUnavailable, tries: int, *, answered: bool) -> float:
    """Seconds until the next try: what the server asked for, or twice as long each time, some of it by chance."""
    if answered:
        return max(0.05, error.retry_after_ms / 1000)
    return FIRST_WAIT_S * (1 << (tries - 1)) * random.uniform(0.5, 1)  # noqa: S311 - it keeps clients apart
