"""Where a command's memories are: the library's choice, from the command line's options, and what opens it."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from stash_memory import config
from stash_memory.cli import failure, local_key
from stash_memory.client.choice import Choice, choose
from stash_memory.errors import StashError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stash_memory.cli.progress import Progress
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
    """The choice; `chosen_by` is the option or variable that made it, `key_source` where its key is from."""

    choice: Choice
    chosen_by: str
    key_source: str


class Text(NamedTuple):
    """A memory's JSON text: its size in bytes, and its pieces, which can be read once."""

    size: int
    pieces: "Iterable[Buffer]"


class Connection(Protocol):
    """Memories in this process or at a server. Every method raises StashError.

    `tells_for_free`: whether `status` may be asked again and again, as it costs no token of a rate limit.
    """

    tells_for_free: bool

    def do(self, operation: "AnyOperation") -> Any:
        """The operation's answer; see `client.keeper.Keeper.do`."""
        ...

    def text(self, recall: "Recall") -> Text:
        """The memory's JSON text, byte for byte."""
        ...

    def status(self) -> dict[str, Any]:
        """`memories` and `bytes` that live now, and what else is known of whose they are."""
        ...

    def close(self) -> None:
        """Lets go of files and connections."""
        ...


def target(options: argparse.Namespace) -> Target:
    """What the options, then the environment, choose. Raises BadSetting.

    To a server on this machine goes the key that `stash serve` made here, where no other is given.
    """
    key, url = options.api_key, options.url
    key_source = "--api-key" if key is not None else "STASH_API_KEY"
    if url is not None and key is None and config.api_key() is None and local_key.is_for(url):
        key = local_key.stored()
        key_source = str(local_key.path())
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
def connected(options: argparse.Namespace, progress: "Progress | None" = None) -> Iterator[Connection]:
    """A connection to what was chosen; a server's bytes are counted by `progress`. Raises BadSetting."""
    chosen = target(options)
    if chosen.choice.backend == "memory":
        raise config.BadSetting(
            "The memory backend would lose everything when this command ends; use sqlite or redis, "
            "or --url to reach a server that uses it."
        )
    with opened(chosen, progress) as connection:
        yield connection


@contextmanager
def opened(chosen: Target, progress: "Progress | None" = None) -> Iterator[Connection]:
    """The connection; errors inside are said in the command line's words."""
    connection: Connection
    if chosen.choice.backend == "hosted":
        from stash_memory.cli.hosted import Hosted

        connection = Hosted(chosen.choice, progress)
    else:
        from stash_memory.cli.embedded import Embedded

        connection = Embedded(chosen.choice)
    try:
        yield connection
    except StashError as error:
        raise failure.said_better(error, chosen.choice, chosen.key_source) from None
    finally:
        connection.close()
