"""httpx2 at the edge: its clients, with our settings, and its errors, as `retries` has them."""

from typing import Any
from urllib.parse import urlsplit

import httpx2

from stash_memory import __version__
from stash_memory.client.choice import Choice
from stash_memory.client.retries import Lost, Unsent
from stash_memory.client.wire import Response

CONNECT_S = 5.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Idle connections are given up before the server, which keeps them for 75 s, or what stands before it does.
LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=30)

_NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)


class Destination:
    """Where requests go, and how: `url`, the key in its header, `timeout` seconds for each wait for the server.

    To this machine itself no proxy is used: a local key goes nowhere else.
    """

    def __init__(self, choice: Choice, timeout: float) -> None:
        self.url = choice.address
        self.timeout = timeout
        self._host = urlsplit(self.url).hostname or ""
        self._settings: dict[str, Any] = {
            "headers": {"X-API-KEY": choice.api_key, "User-Agent": f"stash-memory/{__version__}"},
            "timeout": httpx2.Timeout(timeout, connect=min(CONNECT_S, timeout)),
            "limits": LIMITS,
            "trust_env": self._host not in LOOPBACK,
            # To read the certificates of all authorities takes 24 ms, which a server without TLS needs nothing of.
            "verify": self._host not in LOOPBACK or urlsplit(self.url).scheme != "http",
        }

    def client(self) -> httpx2.Client:
        """A client with a pool of its own."""
        return httpx2.Client(**self._settings)

    def async_client(self) -> httpx2.AsyncClient:
        """The same for async code."""
        return httpx2.AsyncClient(**self._settings)

    def failed(self, error: httpx2.HTTPError | httpx2.InvalidURL) -> Unsent | Lost:
        """What to raise for the client's error. The sentence names the URL, and never the key."""
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


def response_of(answer: httpx2.Response) -> Response:
    """The client's response, as `wire` reads it."""
    return Response(answer.status_code, answer.headers, answer.content)
