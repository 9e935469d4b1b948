"""`stash key`: the local server's key, printed again."""

import argparse
from typing import Any

from stash_memory.cli import local_key, output


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "key",
        help="print the local server's API key",
        description="Prints the API key of the local server; STASH_HOME holds the server's state.",
        epilog='example: curl -H "X-API-KEY: $(stash key)" http://127.0.0.1:8000/recall/xK9mP2nQ',
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """The key alone, on one line of standard output."""
    key = local_key.stored()
    if key is None:
        output.message(f"{local_key.path().parent} holds no key yet; `stash serve` makes one.")
        return 1
    output.line(key)
    return 0
