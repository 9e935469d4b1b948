"""Opens what a choice names. Drivers and clients are imported here, where they are needed."""

from stash_memory import config
from stash_memory.backends.base import Backend
from stash_memory.client.choice import Choice
from stash_memory.client.embedded import Embedded
from stash_memory.client.keeper import Keeper
from stash_memory.config import BadSetting
from stash_memory.store import Store


def keeper(choice: Choice, *, timeout: float, max_wait: float) -> Keeper:
    """What keeps the memories. Files and connections open at their first use. Raises BadSetting."""
    return Embedded(Store(backend(choice)), config.limits())


def backend(choice: Choice) -> Backend:
    """The backend that was chosen. Raises BadSetting."""
    if choice.backend == "memory":
        from stash_memory.backends.memory import MemoryBackend

        return MemoryBackend(max_bytes=config.max_memory_bytes())
    if choice.backend == "redis":
        from stash_memory.backends.redis import RedisBackend, connect

        assert choice.secret_url is not None
        try:
            return RedisBackend(connect(choice.secret_url))
        except ValueError as error:
            raise BadSetting(f"The redis URL cannot be used. {error}") from None
    from stash_memory.backends.sqlite import SqliteBackend

    return SqliteBackend(choice.address)
