"""Backends over two pools, in each of which half of the ids are created."""

import zlib
from collections.abc import Callable, Sequence

from stash_memory.backends.base import Backend
from stash_memory.backends.pooled import Stay
from stash_memory.backends.redis import connect
from tests.backends import MemoryBackend, PooledBackend, RedisBackend


class HalfMoved(PooledBackend):
    """Creates every other id in the pool that was left, as if that had been before the move."""

    def __init__(self, old: Backend, new: Backend, clock: Callable[[], int] | None = None) -> None:
        super().__init__(closed_but_last(old, new), **({} if clock is None else {"clock": clock}))
        self._before = closed_but_last(new, old)

    def _stays_of(self, id: str) -> Sequence[Stay]:
        return self._before if zlib.crc32(id.encode()) % 2 else self.stays


def closed_but_last(*pools: Backend) -> Sequence[Stay]:
    """A stay in each pool, all but the last one long over."""
    return [*(Stay(pool, 1) for pool in pools[:-1]), Stay(pools[-1])]


def in_memory(clock: Callable[[], int]) -> Backend:
    """Two pools in this process."""
    return HalfMoved(MemoryBackend(clock=clock), MemoryBackend(clock=clock), clock)


def in_redis(url: str) -> Backend:
    """Two databases of one Redis."""
    return HalfMoved(RedisBackend(connect(f"{url}/0")), RedisBackend(connect(f"{url}/1")))
