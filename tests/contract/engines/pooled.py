"""The memories of a user in the midst of a move: every other id is in the pool that the user left."""

from pathlib import Path

from stash_memory.backends.base import Backend
from tests.contract import pools
from tests.contract.engines.engine import Spec
from tests.contract.engines.hand_clock import HandClocked
from tests.contract.engines.redis import RedisEngine


class PooledEngine(HandClocked):
    """Over two memory backends."""

    name = "pooled"
    split_caps = True

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.backend: Backend = pools.in_memory(self.clock)


class PooledRedisEngine(RedisEngine):
    """Over two databases of one Redis."""

    name = "pooled-redis"
    apart = True
    split_caps = True

    @staticmethod
    def opened(spec: Spec) -> Backend:
        return pools.in_redis(spec.address)
