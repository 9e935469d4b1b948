"""The keeper over HTTP for sync code: httpx2 with Stash's settings, and its errors in Stash's words.

`wire` builds requests and reads answers, `retries` decides which requests go out again, both without I/O.
"""

import os
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2

from stash_memory import __version__
from stash_memory.client.procedures import Wait, run
from stash_memory.client.retries import Lost, Unsent, exchange
from stash_memory.client.wire import Request, Response, build_request, read_answer
from stash_memory.errors import StoreUnavailable
from stash_memory.ids import check_id
from stash_memory.operations import AnyOperation, Batch, Recall

if TYPE_CHECKING:
    from stash_memory.client.choice import Choice

CONNECT_S = 5.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# The server keeps idle connections for 75 s; the client drops them first, also before most proxies do.
LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=30)
CLOSED = "This Stash was closed; make another one."

_NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)
# Connections of a parent process. A forked child must not touch them, and not even close them.
abandoned: list[object] = []


class Destination:
    """A server's `url`, the key for it, and the `timeout` in seconds of each wait for the server.

    Requests to this machine itself use no proxy: a local key goes nowhere else.
    """

    def __init__(self, choice: "Choice", timeout: float) -> None:
        self.url = choice.address
        self.timeout = timeout
        self._host = urlsplit(self.url).hostname or ""
        self._settings: dict[str, Any] = {
            "headers": {"X-API-KEY": choice.api_key, "User-Agent": f"stash-memory/{__version__}"},
            "timeout": httpx2.Timeout(timeout, connect=min(CONNECT_S, timeout)),
            "limits": LIMITS,
            "trust_env": self._host not in LOOPBACK,
            # Reading the certificates of all authorities takes 24 ms, and a local server without TLS needs none.
            "verify": self._host not in LOOPBACK or urlsplit(self.url).scheme != "http",
        }

    def make_client(self) -> httpx2.Client:
        """Makes a client with a pool of its own."""
        return httpx2.Client(**self._settings)

    def make_async_client(self) -> httpx2.AsyncClient:
        """Makes a client for async code, with a pool of its own."""
        return httpx2.AsyncClient(**self._settings)

    def explain(self, error: httpx2.HTTPError | httpx2.InvalidURL) -> Unsent | Lost:
        """Translates the client's error. The sentence names the URL, and never the key."""
        if "certificate" in str(error).lower():
            return Unsent(f"{self.url} shows a certificate that is not trusted: check the URL.")
        if isinstance(error, httpx2.ConnectTimeout | httpx2.ConnectError):
            hint = " (`stash serve` starts one)" if self._host in LOOPBACK else ""
            return Unsent(f"{self.url} cannot be reached: check that a server runs there{hint}, and the URL.")
        if isinstance(error, httpx2.TimeoutException) and not isinstance(error, httpx2.PoolTimeout):
            return Lost(f"{self.url} did not answer within {self.timeout:g} seconds: try again soon.")
        if isinstance(error, _NEVER_SENT):
            return Unsent(f"Nothing could be sent to {self.url} ({type(error).__name__}): try again soon.")
        return Lost(f"{self.url} broke the connection off: try again soon.")


class Hosted:
    """A Keeper whose connections threads share and a forked child leaves to its parent."""

    def __init__(self, destination: Destination, max_wait: float) -> None:
        self._destination = destination
        self._max_wait = max_wait
        self._closed = False
        self._open()

    def read(self, memory_id: str) -> Any:
        """See Keeper.read."""
        return self.do(Recall(check_id(memory_id))).data

    def do(self, operation: AnyOperation | Batch) -> Any:
        """See Keeper.do."""
        return read_answer(operation, self.exchange(build_request(operation)))

    def exchange(self, request: Request) -> Response:
        """Sends the request, again if that is safe; returns the response. Raises StoreUnavailable, RateLimited."""
        return run(exchange(request, self._max_wait), self._act)

    def close(self) -> None:
        """Closes the connections."""
        self._closed = True
        if self._pid == os.getpid():
            self._client.close()

    def _open(self) -> None:
        self._pid = os.getpid()
        self._client = self._destination.make_client()

    def _act(self, step: Request | Wait) -> Response | None:
        if isinstance(step, Wait):
            time.sleep(step.seconds)
            return None
        if self._closed:
            raise StoreUnavailable(CLOSED)
        if self._pid != os.getpid():
            abandoned.append(self._client)
            self._open()
        url = self._destination.url + step.target
        try:
            return convert(self._client.request(step.method, url, content=step.body, headers=step.headers))
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise self._destination.explain(error) from None


def convert(response: httpx2.Response) -> Response:
    """Converts httpx2's response to the form that `wire` reads."""
    return Response(response.status_code, response.headers, response.content)
