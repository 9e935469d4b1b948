"""`stash get KEY`: prints the data under a key."""

import argparse
import re
import sys
from typing import Any

from stash_memory.cli import arguments, output
from stash_memory.cli.connection import Text, connect
from stash_memory.cli.output import Progress
from stash_memory.errors import MemoryMissing
from stash_memory.exit_codes import NOT_THERE
from stash_memory.operations import Recall

# JSON strings may hold these unescaped, and a terminal may obey them.
CONTROLS = re.compile("[\x7f-\x9f]")
# Larger data is printed as it is: nobody reads that much indented.
READABLE_BYTES = 1 << 20


def add_get(commands: Any) -> None:
    """Adds `stash get KEY`."""
    command = commands.add_parser(
        "get",
        parents=[arguments.build_connection_options()],
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
    arguments.add_time(command, "--extend", "raise the remaining life to at least this")
    arguments.add_json(command)
    command.set_defaults(run=get)


def get(options: argparse.Namespace) -> int:
    """Prints the data and a line end; returns NOT_THERE if there is neither a memory nor a default."""
    default = None
    if options.default is not None:
        default = arguments.check_json(options.default.encode("utf-8", "surrogateescape"), "--default")
    for_people = output.is_for_people(options.json)
    fetching = Progress("Fetching")
    try:
        with connect(options, fetching) as connection:
            recall = Recall(options.key, None, arguments.to_ms(options.extend, "extend"))
            recall.check()
            with fetching:
                text = connection.recall_text(recall)
            show(text, for_people)
    except MemoryMissing as error:
        if default is None:
            output.report_missing(options.key, error)
            return NOT_THERE
        output.write([default])
    output.write([b"\n"])
    return 0


def show(text: Text, for_people: bool) -> None:
    """Prints the text piece by piece, as the store reads it."""
    if for_people and text.size <= READABLE_BYTES:
        output.write([indent(b"".join(text.pieces))])
    elif output.is_terminal(sys.stdout):
        output.write(text.pieces)
    else:
        with Progress("Writing", text.size) as writing:
            output.write(writing.count_pieces(text.pieces))


def indent(text: bytes) -> bytes:
    """Indents JSON text; every number keeps its spelling."""
    import msgspec

    indented = msgspec.json.format(text, indent=2).decode()
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", indented).encode()
