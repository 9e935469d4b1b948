"""`stash forget KEY...` and `stash forget --prefix P`: deletes memories."""

import argparse
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from stash_memory.cli import arguments, measures, output
from stash_memory.cli.connection import Connection, connect
from stash_memory.cli.output import Progress
from stash_memory.config import BadSetting
from stash_memory.errors import MemoryMissing, StashError
from stash_memory.exit_codes import NOT_THERE
from stash_memory.ids import LONGEST_PAGE
from stash_memory.operations import Forget, ForgetPrefix, ListPage

# The question does not wait for a longer count.
MOST_COUNTED = 10_000


def add_forget(commands: Any) -> None:
    """Adds `stash forget`."""
    command = commands.add_parser(
        "forget",
        parents=[arguments.build_connection_options()],
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
    arguments.add_json(command)
    command.set_defaults(run=forget)


def forget(options: argparse.Namespace) -> int:
    """Deletes the memories and prints their number; returns NOT_THERE if a key had none or the person said no."""
    if bool(options.keys) == (options.prefix is not None):
        raise BadSetting("Give KEYs to forget, or a --prefix: exactly one of the two.")
    with connect(options) as connection:
        if options.prefix is None:
            forgotten = forget_keys(connection, list(dict.fromkeys(options.keys)))
        else:
            if not (options.yes or not can_ask() or confirm(connection, options.prefix)):
                output.print_message("Nothing was forgotten.")
                return NOT_THERE
            forgotten = forget_prefix(connection, options.prefix)
    if output.is_for_people(options.json):
        output.print_line(f"Forgot {count_memories(forgotten)}.")
    else:
        output.print_json({"forgotten": forgotten})
    complete = options.prefix is not None or forgotten == len(set(options.keys))
    return 0 if complete else NOT_THERE


def forget_keys(connection: Connection, keys: list[str]) -> int:
    """Deletes the keys' memories; returns their number, without missing ones."""
    forgotten = 0
    with Progress("Forgetting", len(keys), count=count_memories) as progress:
        for key in keys:
            try:
                connection.do(Forget(key))
                forgotten += 1
            except MemoryMissing as error:
                output.report_missing(key, error)
            progress.done += 1
    return forgotten


def forget_prefix(connection: Connection, prefix: str) -> int:
    """Deletes everything under `prefix` in one call; returns how many memories that were."""
    progress = Progress("Forgetting", count=count_memories)
    if progress.shown and connection.status_is_free:
        number, _, more = measure(connection, prefix)
        progress.total = None if more else number
        progress.look = watch_totals(connection)
    with progress:
        return int(connection.do(ForgetPrefix(prefix)))


def can_ask() -> bool:
    """Whether a person is at the terminal."""
    return output.is_terminal(sys.stdin) and output.is_terminal(sys.stderr)


def confirm(connection: Connection, prefix: str) -> bool:
    """Asks the person whether to forget everything under `prefix`; returns the answer."""
    number, size, more = measure(connection, prefix)
    amount = f"{'more than ' * more}{count_memories(number)}, {measures.format_size(size)}"
    question = f"Forget every memory that begins with '{prefix}' ({amount})? [y/N] "
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def measure(connection: Connection, prefix: str) -> tuple[int, int, bool]:
    """Counts the memories under `prefix` and their bytes, up to MOST_COUNTED; the third value: whether more follow."""
    number = size = 0
    cursor: str | None = None
    with Progress("Counting"):
        while number < MOST_COUNTED:
            page: Any = connection.do(ListPage(prefix, cursor, LONGEST_PAGE))
            number += len(page.entries)
            size += sum(entry.bytes for entry in page.entries)
            cursor = page.cursor
            if cursor is None:
                return number, size, False
    return number, size, True


def watch_totals(connection: Connection) -> Callable[[], int]:
    """Returns a function that counts the memories gone since now, by the totals: the deleting call reports nothing."""
    before = live = int(connection.read_status()["memories"])

    def count_gone() -> int:
        nonlocal live
        with suppress(StashError):
            live = int(connection.read_status()["memories"])
        return max(0, before - live)

    return count_gone


def count_memories(number: int) -> str:
    """Writes a number of memories in words."""
    return measures.format_count(number, "memory")
