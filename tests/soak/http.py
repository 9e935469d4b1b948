"""HTTP for many threads of one process: the standard library's client costs a fifth of a comfortable one."""

import http.client
import json
import time
from typing import Any, NamedTuple

from tests.server_process import ServerProcess


class Said(NamedTuple):
    """An answer, and the instants before and after it."""

    status: int
    etag: str
    body: bytes
    began: float
    ended: float

    @property
    def document(self) -> Any:
        """The body, as JSON."""
        return json.loads(self.body)


class Connection:
    """A connection that lives on, and asks as the holder of a key."""

    def __init__(self, server: ServerProcess, key: str) -> None:
        self.http = http.client.HTTPConnection(server.host, server.port, timeout=60)
        self.key = key

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Said:
        """One request. Underscores in header names stand for hyphens."""
        sent = {"X-API-KEY": self.key} | {name.replace("_", "-"): value for name, value in headers.items()}
        began = time.time()
        self.http.request(method, path, body, sent)
        answer = self.http.getresponse()
        said = answer.read()
        return Said(answer.status, answer.headers.get("ETag", ""), said, began, time.time())
