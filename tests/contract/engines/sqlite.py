"""The sqlite backend."""

from pathlib import Path

from stash_memory.backends.base import Backend
from tests.backends import SqliteBackend
from tests.contract.engines.engine import Spec
from tests.contract.engines.hand_clock import HandClock, HandClocked


class SqliteEngine(HandClocked):
    name = "sqlite"
    shared = True

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._path = folder / "memories.db"
        self._others: list[Backend] = []
        self.backend: Backend = self._open()

    def another(self) -> Backend:
        other = self._open()
        self._others.append(other)
        return other

    @property
    def spec(self) -> Spec:
        return Spec(self.name, str(self._path), self.clock.at_ns)

    @staticmethod
    def opened(spec: Spec) -> Backend:
        assert spec.at_ns is not None
        return SqliteBackend(Path(spec.address), clock=HandClock(spec.at_ns))

    def close(self) -> None:
        for backend in [*self._others, self.backend]:
            backend.close()

    def _open(self) -> Backend:
        return SqliteBackend(self._path, clock=self.clock)
