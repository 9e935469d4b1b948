"""A Stash over HTTP, for sync code. What is sent, what answers mean and what is sent again is without I/O, in `wire`
and `retries`, which `async_hosted` shares.
"""

import os
import time
from typing import Any

import httpx2

from stash_memory.client.retries import exchange
from stash_memory.client.steps import Wait, run
from stash_memory.client.transport import Destination, response_of
from stash_memory.client.wire import Request, Response, answer_of, request_of
from stash_memory.errors import StoreUnavailable
from stash_memory.ids import check_id
from stash_memory.operations import AnyOperation, Batch, Recall

# A child that a fork made does not touch its parent's connections, not even to close them.
abandoned: list[object] = []


class Hosted:
    """Makes calls by HTTP requests, over connections that threads share and a fork leaves behind."""

    def __init__(self, destination: Destination, max_wait: float) -> None:
        self._destination = destination
        self._max_wait = max_wait
        self._closed = False
        self._open()

    def read(self, memory_id: str) -> Any:
        """The data alone."""
        return self.do(Recall(check_id(memory_id))).data

    def do(self, operation: AnyOperation | Batch) -> Any:
        """See Keeper.do."""
        return answer_of(operation, self.exchange(request_of(operation)))

    def exchange(self, request: Request) -> Response:
        """The response to a request, which is sent again where that is safe. Raises StoreUnavailable, RateLimited."""
        return run(exchange(request, self._max_wait), self._act)

    def close(self) -> None:
        """Closes the connections."""
        self._closed = True
        if self._pid == os.getpid():
            self._client.close()

    def _open(self) -> None:
        self._pid = os.getpid()
        self._client = self._destination.client()

    def _act(self, step: Request | Wait) -> Response | None:
        if isinstance(step, Wait):
            time.sleep(step.seconds)
            return None
        if self._closed:
            raise StoreUnavailable("This Stash was closed; make another one.")
        if self._pid != os.getpid():
            abandoned.append(self._client)
            self._open()
        method, target, body, headers, *_ = step
        try:
            return response_of(
                self._client.request(method, self._destination.url + target, content=body, headers=headers)
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise self._destination.failed(error) from None
