"""Builds the one store that the service keeps memories in."""

from django.conf import settings

from stash_memory.backends.base import Backend
from stash_memory.store import Store


def build() -> Store:
    """The store over the backend that STASH_BACKEND names."""
    return Store(backend())


def backend() -> Backend:
    """The backend that STASH_BACKEND names; drivers are imported only where they are used."""
    if settings.STASH_BACKEND == "memory":
        from stash_memory.backends.memory import MemoryBackend

        return MemoryBackend()
    from stash_memory.backends.sqlite import SqliteBackend

    return SqliteBackend(settings.STASH_HOME / "memories.db")
