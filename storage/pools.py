"""The pools that memories are kept in, by name."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock

from accounts.placement import PoolStay
from stash_memory.backends.base import Backend
from stash_memory.backends.pooled import Stay
from stash_memory.errors import StoreUnavailable

# Ten minutes after a move, every clock agrees that it is over.
SURELY_OVER_MS = 10 * 60 * 1000


class Pools:
    """Backends by name. Each opens at its first use, so that one that is down does not affect the others.

    `single` names the pool that stands for all names if no pools are set.
    """

    def __init__(self, makers: Mapping[str, Callable[[], Backend]], *, single: str | None = None) -> None:
        self._makers = makers
        self._single = single
        self._open: dict[str, Backend] = {}
        self._lock = Lock()

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __getitem__(self, name: str) -> Backend:
        """Returns the backend. Raises StoreUnavailable if it cannot be opened, or there is no such pool."""
        name = self._single or name
        backend = self._open.get(name)
        return self._opened(name) if backend is None else backend

    @property
    def single(self) -> Backend | None:
        """Returns the one backend of all users, or None if there are pools."""
        return None if self._single is None else self[self._single]

    def stays(self, named: Sequence[PoolStay], now_ms: int) -> list[Stay]:
        """Returns the stays with their backends, without those that make no difference."""
        stays: list[Stay] = []
        for name, until_ms in named:
            pool = self[name]
            if stays and stays[-1].pool is pool:
                stays.pop()
            stays.append(Stay(pool, until_ms))
        ended_ms = stays[-2].until_ms if len(stays) > 1 else None
        if ended_ms is None or ended_ms + SURELY_OVER_MS > now_ms:
            return stays
        # Once every earlier stay is over for everyone, the last of several stays in one pool is enough.
        last = {id(stay.pool): stay for stay in stays}.values()
        return [stay for stay in stays if stay in last]

    def _opened(self, name: str) -> Backend:
        with self._lock:
            if name not in self._open:
                if name not in self._makers:
                    raise StoreUnavailable(f"There is no pool {name!r}: REDIS_URL_{name.upper()} is not set.")
                self._open[name] = self._makers[name]()
            return self._open[name]
