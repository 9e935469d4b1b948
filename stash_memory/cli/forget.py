"""`stash forget KEY...` and `stash forget --prefix P`."""

import argparse
import sys
import time
from typing import Any

from stash_memory.cli import failure, measures, output
from stash_memory.cli import options as shared
from stash_memory.cli.connection import Connection, connected
from stash_memory.cli.prefix import Prefix
from stash_memory.cli.progress import Progress
from stash_memory.config import BadSetting
from stash_memory.errors import MemoryMissing
from stash_memory.exit_codes import NOT_THERE
from stash_memory.operations import Forget


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "forget",
        parents=[shared.connection()],
        help="delete memories now",
        description="Deletes memories by key or by prefix. Reports each key that does not exist, deletes the\n"
        "others, and exits with 1 if any was missing.",
        epilog="examples:\n  stash forget plan report\n  stash forget --prefix run-42/ --yes",
    )
    command.add_argument("keys", metavar="KEY", nargs="*", help="the keys to delete")
    command.add_argument(
        "--prefix",
        metavar="PREFIX",
        help="delete every key with this prefix; end it with a slash, or run-4 covers run-42 too",
    )
    command.add_argument("--yes", "-y", action="store_true", help="do not ask before forgetting a prefix")
    shared.json(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Deletes them, and says how many they were."""
    if bool(options.keys) == (options.prefix is not None):
        raise BadSetting("Give KEYs to forget, or a --prefix: exactly one of the two.")
    with connected(options) as connection:
        if options.prefix is None:
            forgotten = of_keys(connection, list(dict.fromkeys(options.keys)))
        else:
            prefix = Prefix(connection, options.prefix)
            if not (options.yes or not asks() or prefix.confirmed()):
                output.message("Nothing was forgotten.")
                return NOT_THERE
            forgotten = prefix.forget()
    if output.for_people(options.json):
        output.line(f"Forgot {measures.count(forgotten, 'memory')}.")
    else:
        output.document({"forgotten": forgotten})
    whole = options.prefix is not None or forgotten == len(set(options.keys))
    return 0 if whole else NOT_THERE


def of_keys(connection: Connection, keys: list[str]) -> int:
    """Deletes each of the keys that is there; how many they were."""
    forgotten = 0
    with Progress("Forgetting", len(keys), count=lambda number: measures.count(number, "memory")) as progress:
        for key in keys:
            try:
                connection.do(Forget(key))
                forgotten += 1
            except MemoryMissing as error:
                output.message(failure.missing(key, error, time.time_ns() // 1_000_000))
            progress.done += 1
    return forgotten


def asks() -> bool:
    """Whether there is somebody to ask."""
    return output.is_terminal(sys.stdin) and output.is_terminal(sys.stderr)
