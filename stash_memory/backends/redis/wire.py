"""Commands out, answers in: over one node's connections, each command sent once and never again.

The driver's own `execute_command` repeats what may have been applied, and does not say whether it was sent.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias, cast

import hiredis
import redis
from redis.connection import ConnectionPool

from stash_memory.backends.redis.connections import Pooled, connections_of
from stash_memory.backends.redis.failures import DRIVER_ERRORS, broken, unreached
from stash_memory.backends.redis.silence import Silence
from stash_memory.errors import StoreUnavailable

# Views are sent from where they lie; several are one argument.
Argument: TypeAlias = bytes | int | memoryview | tuple[memoryview, ...]
Command: TypeAlias = tuple[Argument, ...]

FROM_THEIR_PLACE = {memoryview, tuple}

# Its stub says that a command has one argument.
_pack: Callable[[Command], bytes] = cast("Any", hiredis.pack_command)


class Wire(Protocol):
    """The way to the server, or to the one of a cluster that has a key.

    `name` is for people, without secrets; `one_place`: whether all keys are in one.
    """

    name: str
    one_place: bool

    def ask(self, key: bytes, *commands: Command, write: bool) -> list[Any]:
        """Sends the commands in one go to where `key` is; what each answers, or the ResponseError.

        Raises StoreUnavailable, whose `applied` may be "unknown" if `write`.
        """
        ...

    def ask_each(self, questions: Sequence[tuple[bytes, Command]]) -> list[Any]:
        """Asks about many keys, wherever they are; none of the commands may be one that someone waits for."""
        ...

    def close(self) -> None:
        """Closes all connections."""
        ...


class NodeWire:
    """The way to one server, or to the primary that Sentinel names."""

    one_place = True

    def __init__(self, client: "redis.Redis") -> None:
        self._client = client
        self._connections = connections_of(client.connection_pool)
        self._closed = False
        self.name = name_of(client.connection_pool)
        self._silence = Silence(self._connections, self.name)

    def ask(self, key: bytes, *commands: Command, write: bool) -> list[Any]:
        """See Wire."""
        if self._closed:
            raise closed()
        if self._silence.fallen:
            self._silence.listen()
        try:
            return exchange(self._connections, commands, self.name, write=write)
        except StoreUnavailable as error:
            self._silence.note(error)
            raise

    def ask_each(self, questions: Sequence[tuple[bytes, Command]]) -> list[Any]:
        """See Wire."""
        return self.ask(b"", *(command for _, command in questions), write=False)

    def close(self) -> None:
        """See Wire. A pool that was handed in stays open for its other users.

        What is under way is answered: a socket that is closed under its reader gives its number to the next one.
        """
        self._closed = True
        self._connections.close()
        if self._client.auto_close_connection_pool:
            self._client.connection_pool.disconnect(inuse_connections=False)


def exchange(connections: Pooled, commands: Sequence[Command], name: str, *, write: bool) -> list[Any]:
    """Sends the commands in one go over one of the connections, and reads their answers."""
    try:
        link = connections.take()
    except DRIVER_ERRORS as error:
        raise unreached(error, name) from error
    sent = False
    try:
        link.send(_packed(commands))
        sent = True
        answers = [link.answer() for _ in commands]
    except BaseException as error:
        connections.drop(link)
        if isinstance(error, DRIVER_ERRORS):
            raise broken(error, name, sent=sent, write=write) from error
        raise
    connections.give_back(link)
    return answers


def _packed(commands: Sequence[Command]) -> list[bytes | memoryview]:
    """The commands in Redis's protocol: in one piece, but for arguments that are sent from where they lie.

    The driver's own packing copies a large argument twice, and looks at each small one for 0.5 us.
    """
    pieces: list[bytes | memoryview] = []
    small: list[bytes] = []
    for command in commands:
        if FROM_THEIR_PLACE.isdisjoint(map(type, command)):
            small.append(_pack(command))
            continue
        small.append(b"*%d\r\n" % len(command))
        for argument in command:
            if isinstance(argument, memoryview | tuple):
                views = argument if isinstance(argument, tuple) else (argument,)
                small.append(b"$%d\r\n" % sum(view.nbytes for view in views))
                pieces += [b"".join(small), *views]
                small = [b"\r\n"]
            else:
                text = argument if isinstance(argument, bytes) else b"%d" % argument
                small.append(b"$%d\r\n%b\r\n" % (len(text), text))
    return [*pieces, b"".join(small)]


def name_of(pool: ConnectionPool) -> str:
    """What people call the server of this pool."""
    kwargs = pool.connection_kwargs
    service = getattr(pool, "service_name", None)
    if service is not None:
        return f"Redis {service!r}"
    if "path" in kwargs:
        return f"Redis at {kwargs['path']}"
    return f"Redis at {kwargs.get('host', 'localhost')}:{kwargs.get('port', 6379)}"


def closed() -> StoreUnavailable:
    """What every method raises after `close`."""
    return StoreUnavailable("The store has been closed.")
