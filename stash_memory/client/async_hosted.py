"""The keeper over HTTP for async code, in a module of its own: sync code need not import asyncio, which takes long."""

import asyncio
import os
from typing import Any

import httpx2

from stash_memory.client.hosted import CLOSED, Destination, abandoned, convert
from stash_memory.client.procedures import Wait, run_async
from stash_memory.client.retries import exchange
from stash_memory.client.wire import Request, Response, build_request, read_answer
from stash_memory.errors import StoreUnavailable
from stash_memory.ids import check_id
from stash_memory.operations import AnyOperation, Batch, Recall


class AsyncHosted:
    """An AsyncKeeper with connections for each event loop that uses it: no loop can use another one's."""

    def __init__(self, destination: Destination, max_wait: float) -> None:
        self._destination = destination
        self._max_wait = max_wait
        self._closed = False
        self._open()

    async def read(self, memory_id: str) -> Any:
        """See Keeper.read."""
        return (await self.do(Recall(check_id(memory_id)))).data

    async def do(self, operation: AnyOperation | Batch) -> Any:
        """See Keeper.do."""
        response = await run_async(exchange(build_request(operation), self._max_wait), self._act)
        return read_answer(operation, response)

    async def close(self) -> None:
        """Closes this loop's connections; those of other loops end with their loops."""
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
                # A closed loop awaits nothing any more, so its connections cannot be closed.
                del self._clients[old]
            client = self._clients[loop] = self._destination.make_async_client()
        return client

    async def _act(self, step: Request | Wait) -> Response | None:
        if isinstance(step, Wait):
            await asyncio.sleep(step.seconds)
            return None
        if self._closed:
            raise StoreUnavailable(CLOSED)
        url = self._destination.url + step.target
        try:
            return convert(
                await self._client().request(step.method, url, content=step.body, headers=step.headers)
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise self._destination.explain(error) from None
