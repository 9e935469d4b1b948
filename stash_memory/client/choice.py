"""Which backend a Stash uses, and what opens it.

Arguments decide, then STASH_API_KEY, then STASH_BACKEND; the default is SQLite. Opening imports only the driver or
client that the choice needs.
"""

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from stash_memory import config
from stash_memory.config import BadSetting

if TYPE_CHECKING:
    from stash_memory.backends.base import Backend
    from stash_memory.client.embedded import Embedded
    from stash_memory.operations import AnyOperation, Batch

EMBEDDED = ("memory", "sqlite", "redis")
LOCAL_KEY = "sk_local_"


@dataclass(frozen=True, slots=True)
class Choice:
    """`backend`: memory, sqlite, redis or hosted. `chosen_by`: the argument or variable that decided, or "default".
    `address`: the file or the URL, without passwords; empty for memory.

    >>> stash.choice
    Choice(backend='memory', chosen_by='backend=', address='')
    """

    backend: str
    chosen_by: str
    address: str
    api_key: str | None = field(default=None, repr=False)
    secret_url: str | None = field(default=None, repr=False)


class Keeper(Protocol):
    """Does a Stash's operations, in this process or over HTTP. Threads and forked children may share it."""

    def read(self, memory_id: str) -> Any:
        """Reads only the data. Raises StashError."""
        ...

    def do(self, operation: "AnyOperation | Batch") -> Any:
        """Returns a Memory, None of a forget, a Page, how many a prefix forgot, or a batch's results.

        Raises StashError, and nothing else.
        """
        ...

    def close(self) -> None:
        """Closes files and connections."""
        ...


class AsyncKeeper(Protocol):
    """A Keeper with methods to await."""

    async def read(self, memory_id: str) -> Any:
        """See Keeper.read."""
        ...

    async def do(self, operation: "AnyOperation | Batch") -> Any:
        """See Keeper.do."""
        ...

    async def close(self) -> None:
        """See Keeper.close."""
        ...


def choose(
    backend: str | None = None,
    *,
    path: str | os.PathLike[str] | None = None,
    redis_url: str | None = None,
    api_key: str | None = None,
    base_url: str | None = None,
) -> Choice:
    """Chooses by these arguments in this environment. Raises BadSetting."""
    embedding = [("backend=", backend), ("path=", path), ("redis_url=", redis_url)]
    hosting = [("api_key=", api_key), ("base_url=", base_url)]
    embeds = next((name for name, value in embedding if value is not None), None)
    hosts = next((name for name, value in hosting if value is not None), None)
    if embeds and hosts:
        raise BadSetting(f"{embeds} embeds Stash and {hosts} makes it hosted; give one of the two.")
    if hosts or (embeds is None and config.api_key()):
        return choose_hosted(api_key, base_url, hosts or "STASH_API_KEY")
    if backend is None and embeds is not None:
        backend = "sqlite" if path is not None else "redis"
    name = backend or config.embedded_backend()
    chosen_by = embeds or ("STASH_BACKEND" if name else "default")
    return choose_embedded(name or "sqlite", chosen_by, path, redis_url)


def choose_hosted(api_key: str | None, base_url: str | None, chosen_by: str) -> Choice:
    """Chooses the service at `base_url`, or at STASH_URL, or by the kind of the key. Raises BadSetting."""
    key = api_key if api_key is not None else config.api_key()
    if not key:
        raise BadSetting("A hosted Stash needs an API key; give api_key=, or set STASH_API_KEY.")
    if not isinstance(key, str) or not key.isascii() or not key.isprintable() or " " in key:
        # The sentence omits the key, which may be nearly right.
        raise BadSetting("The API key has a character that no key has; copy it again.")
    source = "base_url=" if base_url is not None else "STASH_URL"
    given = base_url if base_url is not None else config.url()
    default = config.LOCAL_URL if key.startswith(LOCAL_KEY) else config.HOSTED_URL
    url = check_url(default if given is None else given, source)
    if key.startswith(LOCAL_KEY) and urlsplit(url).hostname == urlsplit(config.HOSTED_URL).hostname:
        raise BadSetting(
            f"This key is a local server's ({LOCAL_KEY}...) and {source} names the hosted service; change one."
        )
    return Choice("hosted", chosen_by, url, api_key=key)


def check_url(url: str, source: str) -> str:
    """Returns the server's `url` without a slash at its end. Raises BadSetting for any other text."""
    try:
        parts = urlsplit(url)
        good = (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
        )
    except (ValueError, AttributeError):
        good = False
    if not good:
        raise BadSetting(f"{source} must be a server's URL such as http://127.0.0.1:8000.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadSetting(f"{source} must be a server's URL alone, without a user, a query or a fragment.")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


def choose_embedded(
    backend: str, chosen_by: str, path: str | os.PathLike[str] | None, redis_url: str | None
) -> Choice:
    """Chooses a backend in this process. Raises BadSetting."""
    source = "STASH_BACKEND" if chosen_by == "STASH_BACKEND" else "backend"
    if backend == "database":
        raise BadSetting(
            f"{source} is 'database', which only a server can use; use one of: {', '.join(EMBEDDED)}."
        )
    if backend not in EMBEDDED:
        raise BadSetting(f"{source} is {backend!r}; it must be one of: {', '.join(EMBEDDED)}.")
    if path is not None and backend != "sqlite":
        raise BadSetting(f"path= is a SQLite file's, and the backend is {backend}; leave one of them out.")
    if redis_url is not None and backend != "redis":
        raise BadSetting(f"redis_url= is for the redis backend, and the backend is {backend}.")
    if path == ":memory:":
        raise BadSetting('path= is ":memory:", which is no file; backend="memory" keeps nothing on disk.')
    if backend == "memory":
        return Choice(backend, chosen_by, "")
    if backend == "redis":
        url = redis_url or config.redis_url()
        return Choice(backend, chosen_by, strip_secrets(url), secret_url=url)
    file = config.home() / "memories.db" if path is None else path
    return Choice(backend, chosen_by, os.path.abspath(os.path.expanduser(os.fspath(file))))


def strip_secrets(url: str) -> str:
    """Strips a Redis URL of its user, password and options."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "redis"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def open_keeper(choice: Choice, *, timeout: float, max_wait: float) -> Keeper:
    """Opens the keeper, whose files and connections open at their first use. Raises BadSetting."""
    if choice.backend == "hosted":
        from stash_memory.client.hosted import Destination, Hosted

        return Hosted(Destination(choice, timeout), max_wait)
    return _embed(choice)


def open_async_keeper(choice: Choice, *, timeout: float, max_wait: float) -> AsyncKeeper:
    """Opens the keeper for async code. Raises BadSetting."""
    if choice.backend == "hosted":
        from stash_memory.client.async_hosted import AsyncHosted
        from stash_memory.client.hosted import Destination

        return AsyncHosted(Destination(choice, timeout), max_wait)
    from stash_memory.client.embedded import Threaded

    return Threaded(_embed(choice))


def open_backend(choice: Choice) -> "Backend":
    """Opens the backend of an embedded choice. Raises BadSetting."""
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


def _embed(choice: Choice) -> "Embedded":
    from stash_memory.client.embedded import Embedded
    from stash_memory.store import Store

    return Embedded(Store(open_backend(choice)), config.limits())
