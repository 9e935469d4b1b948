"""A command's memories: the library's choice from the options, and a connection to it, embedded or to a server."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from stash_memory import config, errors, local
from stash_memory.client.choice import Choice, choose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stash_memory.cli.output import Progress
    from stash_memory.operations import AnyOperation, Recall
    from stash_memory.records import Buffer

# The library's arguments, as the command line calls them.
FLAGS = {
    "backend=": "--backend",
    "path=": "--path",
    "redis_url=": "--redis-url",
    "api_key=": "--api-key",
    "base_url=": "--url",
}


class Target(NamedTuple):
    """The choice; `chosen_by` names the option or variable that made it, `key_source` the source of its key."""

    choice: Choice
    chosen_by: str
    key_source: str


class Text(NamedTuple):
    """A memory's JSON text: its size in bytes, and its pieces, an iterable to consume once."""

    size: int
    pieces: "Iterable[Buffer]"


class Connection(Protocol):
    """Memories in this process or at a server. Every method raises StashError.

    `status_is_free`: whether `read_status` costs no token of a rate limit, so that progress may ask it repeatedly.
    """

    status_is_free: bool

    def do(self, operation: "AnyOperation") -> Any:
        """Does the operation; answers as `client.choice.Keeper.do`."""
        ...

    def recall_text(self, recall: "Recall") -> Text:
        """Recalls the memory's JSON text, byte for byte."""
        ...

    def read_status(self) -> dict[str, Any]:
        """Counts the live `memories` and their `bytes`; a server adds `user_id` and `tier`."""
        ...

    def close(self) -> None:
        """Closes files and connections."""
        ...


class Embedded:
    """A Connection in this process, as the local user. Recalling imports neither the library's keeper nor msgspec."""

    status_is_free = True

    def __init__(self, choice: Choice) -> None:
        from stash_memory.client.choice import open_backend
        from stash_memory.store import Store

        self._store = Store(open_backend(choice))

    def do(self, operation: "AnyOperation") -> Any:
        """See Connection.do."""
        from stash_memory.client.embedded import Embedded as Keeper

        return Keeper(self._store, config.limits()).do(operation)

    def recall_text(self, recall: "Recall") -> Text:
        """See Connection.recall_text."""
        memory = self._store.do(local.USER_ID, recall, config.limits())
        return Text(memory.size, memory.data)

    def read_status(self) -> dict[str, Any]:
        """See Connection.read_status."""
        live = self._store.totals(local.USER_ID)
        return {"memories": live.memories, "bytes": live.bytes}

    def close(self) -> None:
        """See Connection.close."""
        self._store.close()


def choose_target(options: argparse.Namespace) -> Target:
    """Chooses by the options, then by the environment. Raises BadSetting.

    A server on this machine gets the key that `stash serve` made here, unless the caller gives another.
    """
    key, url = options.api_key, options.url
    key_source = "--api-key" if key is not None else "STASH_API_KEY"
    if url is not None and key is None and config.api_key() is None and local.is_on_this_machine(url):
        key = local.read_key()
        key_source = str(local.key_path())
    try:
        choice = choose(
            options.backend, path=options.path, redis_url=options.redis_url, api_key=key, base_url=url
        )
    except config.BadSetting as error:
        sentence = str(error)
        for argument, flag in FLAGS.items():
            sentence = sentence.replace(argument, flag)
        raise config.BadSetting(sentence) from None
    asked_for_url = url is not None and options.api_key is None
    chosen_by = "--url" if asked_for_url else FLAGS.get(choice.chosen_by, choice.chosen_by)
    return Target(choice, chosen_by, key_source)


@contextmanager
def connect(options: argparse.Namespace, progress: "Progress | None" = None) -> Iterator[Connection]:
    """Connects to the chosen memories; `progress` counts a server's bytes. Raises BadSetting."""
    target = choose_target(options)
    if target.choice.backend == "memory":
        raise config.BadSetting(
            "The memory backend would lose everything when this command ends; use sqlite or redis, "
            "or --url to reach a server that uses it."
        )
    with open_target(target, progress) as connection:
        yield connection


@contextmanager
def open_target(target: Target, progress: "Progress | None" = None) -> Iterator[Connection]:
    """Connects to the target, and rewords the errors inside for the command line."""
    connection: Connection
    if target.choice.backend == "hosted":
        from stash_memory.cli.hosted import Hosted

        connection = Hosted(target.choice, progress)
    else:
        connection = Embedded(target.choice)
    try:
        yield connection
    except errors.StashError as error:
        raise reword(error, target) from None
    finally:
        connection.close()


def reword(error: errors.StashError, target: Target) -> errors.StashError:
    """Gives the error a sentence that names options and variables instead of the library's arguments."""
    detail = error.detail
    if isinstance(error, errors.InvalidApiKey):
        detail = f"{target.choice.address} does not know the key from {target.key_source}: check the key and the URL."
    elif isinstance(error, errors.InvalidRequest) and error.field == "memory_id":
        detail = detail.replace("memory_id", "KEY")
    elif isinstance(error, errors.PayloadTooLarge) and target.choice.backend != "hosted":
        detail = f"{detail.removesuffix('.')}: store less, or raise STASH_MAX_PAYLOAD_BYTES."
    elif isinstance(error, errors.StoreUnavailable) and error.applied == "unknown":
        detail = f"{detail.removesuffix('.')} (the write may have been done anyway)."
    error.args, error.detail = (detail,), detail
    return error
