"""`stash migrate`: brings the database of users and keys up to date, as every `stash serve` does first."""

import argparse
from typing import Any

from stash_memory import config, server


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "migrate",
        help="bring the server's database up to date",
        description="Migrates the database of users and keys, like `stash serve` does before it starts. "
        "Any number of processes may run it at once.",
        epilog="example: stash migrate && stash serve",
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Exits as the preparation does."""
    return server.manage(f"prepare{config.mode()}")
