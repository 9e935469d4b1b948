"""Hosted processes start together, and are replaced while clients are at work."""

import signal
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import httpx2
import pytest

from tests.acceptance.test_hosted_server import COMPLETE
from tests.server_process import ServerProcess
from tests.servers import shared
from tests.servers.process import wait_until

CLIENTS = 4
RESTARTS = 2


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[list[ServerProcess]]:
    """Four processes on an empty database, each as on a machine of its own."""
    settings = COMPLETE | {
        "DATABASE_URL": shared.postgres_server().create_database(),
        "REDIS_URL": shared.redis_server().url,
    }
    servers = [ServerProcess(tmp_path / f"{n}", "--workers", "2", **settings) for n in range(4)]
    yield servers
    for server in servers:
        if server.process is not None:
            server.stop()


def test_of_four_that_start_at_once_on_an_empty_database_one_migrates(servers: list[ServerProcess]) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(ServerProcess.start, servers))

    key = servers[0].create_key("ada@example.com")
    for server in servers:
        assert "Error" not in server.err
        with server.client(key) as client:
            assert client.get("/recall/x").status_code == 404
            # Load balancers ask over plain HTTP.
            assert client.get("/health/ready").json()["status"] == "ok"
            assert client.get("/admin/login/", headers={"Host": "stash.example"}).status_code == 301
            behind = {"Host": "stash.example", "X-Forwarded-Proto": "https"}
            page = client.get("/admin/login/", headers=behind)
            assert page.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"


def test_a_rolling_restart_loses_no_request(servers: list[ServerProcess]) -> None:
    """SIGHUP: new workers start, and the old ones answer what they have; clients keep their connections."""
    server = servers[0].start()
    key = server.create_key("ada@example.com", "--tier", "enterprise")
    enough = threading.Event()

    def work(n: int) -> int:
        done = 0
        with server.client(key) as client:
            while not enough.is_set():
                assert client.put(f"/stash/{n}", json={"data": done}).status_code in (200, 201)
                assert client.get(f"/recall/{n}").json()["data"] == done
                done += 1
        return done

    def connect_anew(_: int) -> int:
        done = 0
        while not enough.is_set():
            assert (
                httpx2.get(f"{server.url}/recall/none", headers={"X-API-KEY": key}, timeout=30).status_code
                == 404
            )
            done += 1
        return done

    with ThreadPoolExecutor(2 * CLIENTS) as threads:
        working = [threads.submit(work, n) for n in range(CLIENTS)]
        working += [threads.submit(connect_anew, n) for n in range(CLIENTS)]
        try:
            for _ in range(RESTARTS):
                before = workers(server)
                server.signal(signal.SIGHUP)
                wait_until(partial(are_new, server, before), seconds=60)
        finally:
            enough.set()
        assert all(one.result() > 0 for one in working)


def workers(server: ServerProcess) -> set[int]:
    """The worker processes."""
    assert server.process is not None
    said = subprocess.run(["ps", "-A", "-o", "ppid=,pid="], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in said.splitlines()]
    return {int(pid) for parent, pid in pairs if int(parent) == server.process.pid}


def are_new(server: ServerProcess, before: set[int]) -> bool:
    """Whether there are two, and none of those from before."""
    now = workers(server)
    return len(now) == 2 and not now & before
