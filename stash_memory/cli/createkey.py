"""`stash createkey EMAIL`: a key for a user, and the user where there is none."""

import argparse
from typing import Any

from stash_memory import server


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "createkey",
        help="make an API key, and its user if needed",
        description="Makes an API key, and its user if needed, and prints the key. Stash shows the key only once.",
        epilog="example: stash createkey ada@example.com --tier pro\n\n"
        "`stash manage createkey --help` lists the options.",
    )
    command.add_argument("arguments", nargs=argparse.REMAINDER, metavar="EMAIL ...")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exits as the management command does."""
    return server.manage("createkey", *options.arguments)
