"""Commands out, answers in, over one node's connections; each command is sent once.

redis-py's own `execute_command` repeats a command that may have been applied, and does not say whether it was sent.
"""

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias, cast

import hiredis
import redis
from redis.connection import ConnectionPool
from redis.exceptions import TimeoutError as DriverTimeout

from stash_memory.backends.redis.connections import PoolConnections, connections_of
from stash_memory.backends.redis.failures import (
    DRIVER_ERRORS,
    Unreached,
    translate_break,
    translate_unreached,
)
from stash_memory.errors import StoreUnavailable

# Views are sent from the caller's buffers; a tuple of them is one argument.
Argument: TypeAlias = bytes | int | memoryview | tuple[memoryview, ...]
Command: TypeAlias = tuple[Argument, ...]

FROM_THEIR_PLACE = {memoryview, tuple}

# Its stub says that a command has one argument.
_pack: Callable[[Command], bytes] = cast("Any", hiredis.pack_command)

# A healthy server answers a PING in less than a millisecond; the largest scripts take about ten.
PING_SECONDS = 0.3
# Other threads wait so long for the one that asks: a single answer may have been slow.
PATIENCE_SECONDS = 0.05


class Wire(Protocol):
    """The way to the server, or to the cluster's node that has a key.

    `name` is for people, without secrets. `one_place`: whether one server has all keys.
    """

    name: str
    one_place: bool

    def ask(self, key: bytes, *commands: Command, write: bool) -> list[Any]:
        """Sends the commands at once to the server of `key`; returns each one's answer, or its ResponseError.

        Raises StoreUnavailable, whose `applied` may be "unknown" if `write`.
        """
        ...

    def ask_each(self, questions: Sequence[tuple[bytes, Command]]) -> list[Any]:
        """Asks about many keys, on whichever servers. No caller may have to know if a command was applied."""
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

        Exchanges under way finish: a socket that is closed under its reader gives its number to the next one.
        """
        self._closed = True
        self._connections.close()
        if self._client.auto_close_connection_pool:
            self._client.connection_pool.disconnect(inuse_connections=False)


class Silence:
    """A server that has stopped answering: one thread asks whether it is back, and the others fail at once.

    Else every thread of a process would come to wait for a frozen server, and the users of other servers with them.
    While the server answers, this costs nothing.
    """

    def __init__(self, connections: PoolConnections, name: str) -> None:
        self._connections = connections
        self._name = name
        self._asking = threading.Lock()
        self._process = os.getpid()
        self.fallen = False

    def note(self, error: StoreUnavailable) -> None:
        """Learns how an exchange failed."""
        if isinstance(error.__cause__, DriverTimeout):
            self.fallen = True

    def listen(self) -> None:
        """Returns when the server answers again. Raises Unreached: nothing was sent that a caller waits for."""
        if self._process != os.getpid():
            # A forked child has the lock of a thread that was asking, and not the thread that would release it.
            self._asking, self._process = threading.Lock(), os.getpid()
        asking = self._asking
        if not asking.acquire(timeout=PATIENCE_SECONDS):
            raise self._silent_error()
        try:
            if self.fallen:
                self._ping()
                self.fallen = False
        finally:
            asking.release()

    def _ping(self) -> None:
        try:
            link = self._connections.take()
        except DRIVER_ERRORS as error:
            raise translate_unreached(error, self._name) from error
        try:
            link.send([b"*1\r\n$4\r\nPING\r\n"])
            answered = link.speaks_within(PING_SECONDS)
            if answered:
                link.answer()
        except BaseException as error:
            self._connections.drop(link)
            if isinstance(error, DRIVER_ERRORS):
                raise translate_unreached(error, self._name) from error
            raise
        if not answered:
            self._connections.drop(link)
            raise self._silent_error()
        self._connections.give_back(link)

    def _silent_error(self) -> Unreached:
        return Unreached(f"{self._name} did not answer a moment ago: try again soon.")


def exchange(
    connections: PoolConnections, commands: Sequence[Command], name: str, *, write: bool
) -> list[Any]:
    """Sends the commands at once over one of the connections, and reads their answers.

    Raises StoreUnavailable, whose `applied` may be "unknown" if `write`.
    """
    try:
        link = connections.take()
    except DRIVER_ERRORS as error:
        raise translate_unreached(error, name) from error
    sent = False
    try:
        link.send(_packed(commands))
        sent = True
        answers = [link.answer() for _ in commands]
    except BaseException as error:
        connections.drop(link)
        if isinstance(error, DRIVER_ERRORS):
            raise translate_break(error, name, sent=sent, write=write) from error
        raise
    connections.give_back(link)
    return answers


def _packed(commands: Sequence[Command]) -> list[bytes | memoryview]:
    """The commands in Redis's protocol, in one piece except for views, which stay pieces of their own.

    redis-py's own packing copies a large argument twice, and spends 0.5 us on each small one.
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
    """The server's name for people."""
    kwargs = pool.connection_kwargs
    service = getattr(pool, "service_name", None)
    if service is not None:
        return f"Redis {service!r}"
    if "path" in kwargs:
        return f"Redis at {kwargs['path']}"
    return f"Redis at {kwargs.get('host', 'localhost')}:{kwargs.get('port', 6379)}"


def closed() -> StoreUnavailable:
    """The error of every method after `close`."""
    return StoreUnavailable("The store has been closed.")
