"""Opens what a choice names. Drivers and clients are imported here, where they are needed."""

from typing import TYPE_CHECKING

from stash_memory import config
from stash_memory.backends.base import Backend
from stash_memory.client.choice import Choice
from stash_memory.client.keeper import AsyncKeeper, Keeper
from stash_memory.config import BadSetting

if TYPE_CHECKING:
    from stash_memory.client.embedded import Embedded


def keeper(choice: Choice, *, timeout: float, max_wait: float) -> Keeper:
    """What keeps the memories. Files and connections open at their first use. Raises BadSetting."""
    if choice.backend == "hosted":
        from stash_memory.client.hosted import Hosted
        from stash_memory.client.transport import Destination

        return Hosted(Destination(choice, timeout), max_wait)
    return embedded(choice)


def async_keeper(choice: Choice, *, timeout: float, max_wait: float) -> AsyncKeeper:
    """The same for async code."""
    if choice.backend == "hosted":
        from stash_memory.client.async_hosted import AsyncHosted
        from stash_memory.client.transport import Destination

        return AsyncHosted(Destination(choice, timeout), max_wait)
    from stash_memory.client.threaded import Threaded

    return Threaded(embedded(choice))


def embedded(choice: Choice) -> "Embedded":
    """A store in this process."""
    from stash_memory.client.embedded import Embedded
    from stash_memory.store import Store

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
