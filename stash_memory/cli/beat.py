"""`stash beat`: Celery's clock, which tells a hosted service's workers what is due. There must be one, and no more."""

import argparse
from typing import Any

from stash_memory import server


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "beat",
        help="run a hosted service's clock; run exactly one",
        description="Runs the clock that starts a hosted service's scheduled tasks. Run exactly one.",
        epilog="example: STASH_MODE=hosted stash beat",
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """This process becomes the clock. It writes no file: the schedule is in the settings."""
    server.celery("beat", "--pidfile=")
    return 0
