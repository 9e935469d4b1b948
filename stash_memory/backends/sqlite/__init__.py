"""Memories in one SQLite file that many threads and processes share."""

from stash_memory.backends.sqlite.backend import SqliteBackend

__all__ = ["SqliteBackend"]
