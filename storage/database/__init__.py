"""Memories in the tables of a Django database: PostgreSQL, or SQLite for tests and small installs."""

from storage.database.backend import DatabaseBackend

__all__ = ["DatabaseBackend"]
