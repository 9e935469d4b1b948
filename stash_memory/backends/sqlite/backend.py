"""Memories in one SQLite file that many threads and processes share."""

import os
import time
from collections.abc import Callable

from stash_memory.backends.sql.backend import SqlBackend
from stash_memory.backends.sqlite.file import File


class SqliteBackend(SqlBackend):
    """A `stash_memory.backends.base.Backend` in the file at `path`, for many threads and processes.

    `clock` gives nanoseconds since the epoch. The file opens at its first use, and is made if it is missing: it and
    its folder for their owner alone. An acknowledged write survives the death of the process (WAL,
    synchronous=NORMAL); a power cut may take the last ones. Any method may raise StoreUnavailable, and those that
    write StoreFull. Threads may share it, and so may a process with the children that it forks.
    """

    def __init__(self, path: str | os.PathLike[str], *, clock: Callable[[], int] = time.time_ns) -> None:
        file = File(os.path.abspath(os.fspath(path)), clock)
        super().__init__(file)
        self._connections = file.connections
