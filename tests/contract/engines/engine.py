"""An engine: a backend on an empty store of its own, and what a test may do to it."""

from dataclasses import dataclass
from typing import ClassVar

from stash_memory.backends.base import Backend


@dataclass(frozen=True)
class Spec:
    """What a child process needs to open the store that an engine has open; it can be pickled."""

    engine: str
    address: str
    at_ns: int | None = None


class Engine:
    """A backend on an empty store of its own, and the means to test it.

    `shared`: other processes can open the store. `exact`: its clock is moved by hand, so times can be told to
    the millisecond; else it is real, `advance` sleeps, and `tolerance_ms` is what may pass unasked.
    `expires_itself`: the engine drops expired records unasked, so a purge finds fewer. `apart`: the suite runs on
    it in `make engines`, so that `make test` stays quick. `split_caps`: writers at one moment may pass a cap together.
    """

    name: ClassVar[str]
    shared: ClassVar[bool] = False
    exact: ClassVar[bool] = True
    tolerance_ms: ClassVar[int] = 0
    expires_itself: ClassVar[bool] = False
    apart: ClassVar[bool] = False
    split_caps: ClassVar[bool] = False

    backend: Backend

    def advance(self, ms: int) -> None:
        """Lets `ms` milliseconds pass on the backend's clock."""
        raise NotImplementedError

    def now_us(self) -> int:
        """The backend's time, microseconds since the epoch, as nearly as `tolerance_ms`."""
        raise NotImplementedError

    def now_ms(self) -> int:
        """The same in milliseconds, rounded down as backends do."""
        return self.now_us() // 1000

    def another(self) -> Backend | None:
        """A second backend on the same store, opened as another process would; None where that cannot be."""
        return None

    @property
    def spec(self) -> Spec | None:
        """What `opened` makes such a backend from, in another process."""
        return None

    @staticmethod
    def opened(spec: Spec) -> Backend:
        """A backend on the store of that spec, as a process that knows nothing else opens it."""
        raise NotImplementedError

    def near(self, at_ms: int, wanted_ms: int) -> bool:
        """Whether a time is the wanted one: exactly, unless the clock is real."""
        return abs(at_ms - wanted_ms) <= self.tolerance_ms

    def close(self) -> None:
        """Lets go of everything."""
        self.backend.close()
