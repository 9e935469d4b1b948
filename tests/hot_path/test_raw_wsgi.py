"""The benchmark's peer that does Stash's own job with Stash's own scripts still does it."""

import importlib
import io
import json
from contextlib import closing
from typing import Any

import pytest

from benchmarks.peers.keys import account_key
from tests.servers import shared

KEY = "sk_live_of-the-benchmark"


def ask(application: Any, method: str, path: str, body: bytes = b"") -> tuple[str, bytes]:
    """The status line and the body of an answer."""
    said: list[str] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "HTTP_X_API_KEY": KEY,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    answer = application(environ, lambda status, headers: said.append(status))
    return said[0], b"".join(answer)


@pytest.mark.parametrize("size", [300, 10_000, 1_000_000])
def test_it_recalls_what_it_stashed(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    server = shared.redis_server()
    monkeypatch.setenv("REDIS_URL", server.url)
    with server.client() as redis:
        redis.set(account_key(KEY), "usr_of_the_benchmark")
    peer = importlib.import_module("benchmarks.peers.raw_wsgi")
    data = "x" * size

    with closing(peer.connection().socket):
        status, kept = ask(peer.application, "POST", "/stash", json.dumps({"data": data}).encode())
        assert status == "201 Created"
        status, found = ask(peer.application, "GET", f"/recall/{json.loads(kept)['memory_id']}")
    del peer.here.redis

    assert status == "200 OK"
    assert json.loads(found)["data"] == data
