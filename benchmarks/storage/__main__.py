"""`make bench-storage`, or some of it: `python -m benchmarks.storage redis`."""

import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.storage import embedded, many_rows, postgresql, redis

CONTESTS: dict[str, list[Callable[[Path], None]]] = {
    "embedded": [embedded.one_thread, embedded.four_processes],
    "rows": [many_rows.many_rows],
    "redis": [redis.stalls],
    "postgresql": [postgresql.one_users_purge],
}

if __name__ == "__main__":
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.machine()}")
    for name in sys.argv[1:] or CONTESTS:
        for contest in CONTESTS[name]:
            with tempfile.TemporaryDirectory() as folder:
                contest(Path(folder))
