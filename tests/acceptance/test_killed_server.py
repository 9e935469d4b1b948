"""A server is killed (SIGKILL) while it writes a large value: nobody recalls half of it, and its chunks go in time."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import httpx2
import psycopg
import pytest

from tests.backends import DatabaseBackend, SqliteBackend
from tests.contract import databases
from tests.server_process import ServerProcess
from tests.servers import shared
from tests.servers.redis_server import RedisServer

MB = 1 << 20
LARGE = 64 * MB
OLD, NEW = "o" * 3 * MB, "n" * LARGE
LINGER_MS = 10 * 60 * 1000
TTL_MS = 3_600_000


class Chunks(Protocol):
    """A store, seen from behind the server's back."""

    settings: dict[str, str]

    def count(self) -> int:
        """How many chunks lie there, of whatever value."""
        ...

    def left_after_ten_minutes(self) -> int:
        """How many are left once those that no memory holds had their time and a purge came by."""
        ...


class SqliteChunks:
    def __init__(self, home: Path) -> None:
        self.settings = {"STASH_BACKEND": "sqlite"}
        self._path = home / "memories.db"

    def count(self) -> int:
        with sqlite3.connect(self._path) as db:
            return int(db.execute("SELECT count(*) FROM chunks").fetchone()[0])

    def left_after_ten_minutes(self) -> int:
        passed_ns = 0
        backend = SqliteBackend(self._path, clock=lambda: time.time_ns() + passed_ns)
        # A purge notes what it sees to be loose, and one that comes ten minutes later takes it.
        for _ in range(3):
            backend.purge(1000)
            passed_ns += (LINGER_MS + 1) * 1_000_000
        backend.close()
        return self.count()


class RedisChunks:
    def __init__(self, server: RedisServer) -> None:
        self.settings = {"STASH_BACKEND": "redis", "REDIS_URL": server.url}
        self._server = server

    def count(self) -> int:
        with self._server.client() as client:
            return sum(client.hlen(key) for key in client.scan_iter("chunk:*"))

    def left_after_ten_minutes(self) -> int:
        """Redis expires them itself: those that would be gone by then are counted as gone."""
        with self._server.client() as client:
            lives = {key: client.pttl(key) for key in client.scan_iter("chunk:*")}
            assert all(0 < ms <= TTL_MS + LINGER_MS for ms in lives.values()), "none stays for ever"
            return sum(client.hlen(key) for key, ms in lives.items() if ms > LINGER_MS)


class PostgresChunks:
    def __init__(self, url: str) -> None:
        self.settings = {"STASH_BACKEND": "database", "DATABASE_URL": url}
        self._url = url

    def count(self) -> int:
        with psycopg.connect(self._url) as db:
            [(count,)] = db.execute("SELECT count(*) FROM memories_chunk").fetchall()
            return int(count)

    def left_after_ten_minutes(self) -> int:
        with psycopg.connect(self._url) as db:
            earlier = (
                "UPDATE memories_large_body SET loose_since_ms = loose_since_ms - %s WHERE loose_since_ms > 0"
            )
            db.execute(earlier, [LINGER_MS])
        alias = databases.postgres(self._url)
        DatabaseBackend(alias).purge(1000)
        databases.remove(alias)
        return self.count()


@pytest.fixture(params=["sqlite", "redis", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker) -> Iterator[Chunks]:
    with django_db_blocker.unblock():
        if request.param == "sqlite":
            yield SqliteChunks(tmp_path / "home")
        elif request.param == "redis":
            server = RedisServer()
            yield RedisChunks(server)
            server.stop()
        else:
            yield PostgresChunks(shared.postgres_server().create_database())


def killed_between_chunks(server: ServerProcess, store: Chunks, memory_id: str) -> None:
    """Kills the server when some chunks of NEW are written, and not all."""
    body = json.dumps({"data": NEW}).encode()

    def write() -> None:
        with server.client() as client, pytest.raises(httpx2.TransportError):
            client.patch(f"/update/{memory_id}", content=body)

    before = store.count()
    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while store.count() <= before:
        assert time.monotonic() < deadline
    server.kill()
    thread.join(30)
    assert not thread.is_alive()


def test_no_half_value_is_recalled_and_its_chunks_go(
    own_server: Callable[..., ServerProcess], store: Chunks, tmp_path: Path
) -> None:
    server = own_server(home=tmp_path / "home", STASH_MAX_PAYLOAD_BYTES=str(2 * LARGE), **store.settings)
    with server.client() as local:
        memory_id = local.post("/stash", json={"data": OLD}).json()["memory_id"]
    kept = store.count()

    killed_between_chunks(server, store, memory_id)

    server.restart()
    with server.client() as local:
        recalled = local.get(f"/recall/{memory_id}").json()["data"]
        assert recalled in (OLD, NEW)
        assert recalled == OLD, "it was killed too late"
    assert store.count() > kept
    server.stop()
    assert store.left_after_ten_minutes() == kept
