"""A Stash over HTTP, for async code on asyncio."""

import asyncio
import os
from typing import Any

import httpx2

from stash_memory.client.hosted import abandoned
from stash_memory.client.retries import exchange
from stash_memory.client.steps import Wait, run_async
from stash_memory.client.transport import Destination, response_of
from stash_memory.client.wire import Request, Response, answer_of, request_of
from stash_memory.errors import StoreUnavailable
from stash_memory.ids import check_id
from stash_memory.operations import AnyOperation, Batch, Recall


class AsyncHosted:
    """Makes calls by HTTP requests that are awaited.

    Connections belong to an event loop, so each loop that uses it has its own.
    """

    def __init__(self, destination: Destination, max_wait: float) -> None:
        self._destination = destination
        self._max_wait = max_wait
        self._closed = False
        self._open()

    async def read(self, memory_id: str) -> Any:
        """The data alone."""
        return (await self.do(Recall(check_id(memory_id)))).data

    async def do(self, operation: AnyOperation | Batch) -> Any:
        """See Keeper.do."""
        response = await run_async(exchange(request_of(operation), self._max_wait), self._act)
        return answer_of(operation, response)

    async def close(self) -> None:
        """Closes the connections of this loop; those of other loops go with them."""
        self._closed = True
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    def _open(self) -> None:
        self._pid = os.getpid()
        self._clients: dict[asyncio.AbstractEventLoop, httpx2.AsyncClient] = {}

    def _client(self) -> httpx2.AsyncClient:
        if self._pid != os.getpid():
            abandoned.append(self._clients)
            self._open()
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            for old in [old for old in self._clients if old.is_closed()]:
                # Too late to close its connections: nothing can be awaited on it any more.
                del self._clients[old]
            client = self._clients[loop] = self._destination.async_client()
        return client

    async def _act(self, step: Request | Wait) -> Response | None:
        if isinstance(step, Wait):
            await asyncio.sleep(step.seconds)
            return None
        if self._closed:
            raise StoreUnavailable("This Stash was closed; make another one.")
        method, target, body, headers, *_ = step
        try:
            return response_of(
                await self._client().request(
                    method, self._destination.url + target, content=body, headers=headers
                )
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise self._destination.failed(error) from None
