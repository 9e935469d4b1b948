"""`stash manage COMMAND`: the server's management commands, where there is no checkout."""

import argparse
from typing import Any

from stash_memory import server


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "manage",
        help="run a management command of the server",
        description="Runs a management command of the server, like manage.py in a checkout.",
        epilog="example: stash manage createkey ada@example.com --tier pro",
    )
    command.add_argument("arguments", nargs=argparse.REMAINDER, metavar="COMMAND ...")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exits as the command does."""
    return server.manage(*options.arguments)
