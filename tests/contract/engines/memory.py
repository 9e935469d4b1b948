"""The memory backend."""

from pathlib import Path

from stash_memory.backends.base import Backend
from tests.backends import MemoryBackend
from tests.contract.engines.hand_clock import HandClocked


class MemoryEngine(HandClocked):
    name = "memory"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.backend: Backend = MemoryBackend(clock=self.clock)
