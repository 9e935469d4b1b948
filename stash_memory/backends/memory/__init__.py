"""The store that lives in one process and dies with it."""

from stash_memory.backends.memory.backend import MemoryBackend

__all__ = ["MemoryBackend"]
