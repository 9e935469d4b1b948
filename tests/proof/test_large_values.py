"""A value of 400 MB: what it costs the worker's memory, and the others' time. Run by `make proof`."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.server_process import ServerProcess
from tests.servers import shared

MB = 1_048_576
SIZE = 400 * MB
PIECE = b"x" * MB


class Watch(threading.Thread):
    """Looks at the workers' memory, and has others make small requests, until it is told to stop."""

    def __init__(self, server: ServerProcess, client: httpx2.Client) -> None:
        super().__init__()
        self.server, self.client = server, client
        self.peak = 0
        self.longest = 0.0
        self.done = threading.Event()

    def __enter__(self) -> "Watch":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.join()

    def run(self) -> None:
        while not self.done.is_set():
            began = time.monotonic()
            assert self.client.post("/stash", json={"data": 1}).status_code == 201
            self.longest = max(self.longest, time.monotonic() - began)
            self.peak = max(self.peak, self.server.resident())
            time.sleep(0.02)


def large_body() -> Iterator[bytes]:
    yield b'{"data":"'
    for _ in range(SIZE // MB):
        yield PIECE
    yield b'"}'


@pytest.mark.parametrize("engine", ["sqlite", "redis", "database"])
def test_400_mb_go_in_and_out_without_standing_in_anyones_way(tmp_path: Path, engine: str) -> None:
    settings = {"STASH_BACKEND": engine}
    if engine == "redis":
        settings["REDIS_URL"] = shared.redis_server().url
    if engine == "database":
        settings["DATABASE_URL"] = shared.postgres_server().create_database()
    server = ServerProcess(tmp_path / "home", **settings).start()
    key = server.create_key("large@example.com", "--tier", "enterprise")
    headers = {"Content-Length": str(SIZE + len(b'{"data":""}'))}
    with server.client(key) as client, server.client(key) as others:
        others.post("/stash", json={"data": 1})
        idle = server.resident()
        with Watch(server, others) as stashing:
            began = time.monotonic()
            answer = client.post("/stash", content=large_body(), headers=headers, timeout=120)
            stash_seconds = time.monotonic() - began
        assert answer.status_code == 201, answer.text
        after = server.resident()
        with Watch(server, others) as recalling:
            began, received = time.monotonic(), 0
            with client.stream("GET", f"/recall/{answer.json()['memory_id']}", timeout=120) as stream:
                for piece in stream.iter_raw():
                    received += len(piece)
            recall_seconds = time.monotonic() - began
    server.stop()
    print(
        f"\n{engine}: stash {stash_seconds:.1f} s, {(stashing.peak - idle) / SIZE:.2f} x the payload in memory, "
        f"others waited {stashing.longest:.2f} s; {(after - idle) / MB:.0f} MB left after it; "
        f"recall {recall_seconds:.1f} s, {(recalling.peak - idle) / MB:.0f} MB over idle, "
        f"others waited {recalling.longest:.2f} s"
    )

    assert received > SIZE
    assert stashing.peak - idle <= 1.3 * SIZE
    assert recalling.peak - idle <= 100 * MB
    assert max(stashing.longest, recalling.longest) <= 1.5
