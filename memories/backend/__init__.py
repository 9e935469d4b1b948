"""Memories in the tables of a Django database: PostgreSQL, or SQLite for tests and small installs."""

from memories.backend.backend import DatabaseBackend

__all__ = ["DatabaseBackend"]
