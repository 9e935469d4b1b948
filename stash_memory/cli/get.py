"""`stash get KEY`: the data under a key."""

import argparse
import re
import sys
import time
from typing import Any

from stash_memory.cli import failure, output
from stash_memory.cli import options as shared
from stash_memory.cli.connection import Text, connected
from stash_memory.cli.progress import Progress
from stash_memory.errors import MemoryMissing
from stash_memory.exit_codes import NOT_THERE
from stash_memory.operations import Recall

# A terminal may obey these, and JSON allows them inside its strings as they are.
CONTROLS = re.compile("[\x7f-\x9f]")
# More than this is nothing to look at; it is shown as it is.
READABLE_BYTES = 1 << 20


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "get",
        parents=[shared.connection()],
        help="print the data under a key",
        description="Prints the data under a key, byte for byte. A terminal gets the data indented, unless you\n"
        "give --json. If the key does not exist, prints a sentence and exits with 1.",
        epilog="examples:\n  stash get plan\n  stash get plan | jq .step\n"
        "  stash get plan --default '{}' --extend 10m",
    )
    command.add_argument("key", metavar="KEY", help="the memory's id")
    command.add_argument(
        "--default", metavar="JSON", help="if the key does not exist, print this and exit with 0"
    )
    shared.time(command, "--extend", "raise the remaining life to at least this")
    shared.json(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints it, and a line's end."""
    default = None
    if options.default is not None:
        from stash_memory.cli import json_text

        default = json_text.checked(options.default.encode("utf-8", "surrogateescape"), "--default")
    for_people = output.for_people(options.json)
    fetching = Progress("Fetching")
    try:
        with connected(options, fetching) as connection:
            recall = Recall(options.key, None, shared.ms(options.extend, "extend"))
            recall.check()
            with fetching:
                text = connection.text(recall)
            show(text, for_people)
    except MemoryMissing as error:
        if default is None:
            output.message(failure.missing(options.key, error, time.time_ns() // 1_000_000))
            return NOT_THERE
        output.write([default])
    output.write([b"\n"])
    return 0


def show(text: Text, for_people: bool) -> None:
    """Writes it: a piece after the other, as they come from the disk."""
    if for_people and text.size <= READABLE_BYTES:
        output.write([readable(b"".join(text.pieces))])
    elif output.is_terminal(sys.stdout):
        output.write(text.pieces)
    else:
        with Progress("Writing", text.size) as writing:
            output.write(writing.counted(text.pieces))


def readable(text: bytes) -> bytes:
    """JSON text, indented; every number stays as it was written."""
    import msgspec

    indented = msgspec.json.format(text, indent=2).decode()
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", indented).encode()
