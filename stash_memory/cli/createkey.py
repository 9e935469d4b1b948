"""`stash createkey EMAIL`: a key for a user, and the user where there is none."""

import argparse
from typing import Any

from stash_memory import server


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "createkey",
        help="make a server's user and key",
        description="Makes a key, and its user where there is none, and prints the key: it is shown this once.",
        epilog="example: stash createkey ada@example.com --tier pro\n\n"
        "`stash manage createkey --help` lists the options.",
    )
    command.add_argument("arguments", nargs=argparse.REMAINDER, metavar="EMAIL ...")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exits as the management command does."""
    return server.manage("createkey", *options.arguments)
