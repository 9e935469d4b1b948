"""`stash worker`: Celery's worker, which purges a hosted service and rolls its usage up."""

import argparse
from typing import Any

from stash_memory import server

# A purge may take 45 s of each minute; the other process is there for all that is due meanwhile.
PROCESSES = 2


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "worker",
        help="run a hosted service's worker",
        description="Runs a worker of a hosted service. The worker purges memories and rolls up usage.",
        epilog="example: stash worker --processes 4",
    )
    command.add_argument("--processes", type=int, default=PROCESSES, help=f"worker processes ({PROCESSES})")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """This process becomes the worker."""
    server.celery("worker", "--concurrency", str(options.processes))
    return 0
