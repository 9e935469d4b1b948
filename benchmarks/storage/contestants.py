"""The sqlite backend and its peers, each with a set and a get of one key."""

import sqlite3
import time
from pathlib import Path

from diskcache import Cache

from stash_memory.backends.sqlite import SqliteBackend
from stash_memory.operations import Put, Recall

BODY = b"x" * 300
HOUR_MS = 3_600_000


class Bare:
    """sqlite3 with one table and nothing else: what any such store on SQLite has to pay."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, timeout=30)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS kept (user TEXT, id TEXT, expires_at INT, body BLOB, PRIMARY KEY (user, id))"
        )

    def set(self, key: str, body: bytes) -> None:
        self.db.execute("INSERT OR REPLACE INTO kept VALUES ('usr_a', ?, ?, ?)", (key, time.time_ns(), body))

    def get(self, key: str) -> bytes:
        row = self.db.execute("SELECT body, expires_at FROM kept WHERE user = 'usr_a' AND id = ?", (key,))
        return row.fetchone()[0]


class Peer:
    """diskcache, as it comes."""

    def __init__(self, path: Path) -> None:
        self.cache = Cache(str(path))

    def set(self, key: str, body: bytes) -> None:
        self.cache.set(key, body, expire=3600)

    def get(self, key: str) -> bytes:
        return self.cache.get(key)


class Ours:
    """The sqlite backend."""

    def __init__(self, path: Path) -> None:
        self.backend = SqliteBackend(path)

    def set(self, key: str, body: bytes) -> None:
        self.backend.do("usr_a", [Put(key, [body], HOUR_MS)])

    def get(self, key: str) -> bytes:
        [found] = self.backend.do("usr_a", [Recall(key)])
        return b"".join(found.body)


CONTESTANTS = {"stash": Ours, "diskcache": Peer, "sqlite3": Bare}
