"""`stash health`: whether a part of a server does its work; containers are asked every few seconds."""

import argparse
from http.client import HTTPConnection, HTTPException
from typing import Any

from stash_memory import config, server
from stash_memory.cli import output
from stash_memory.exit_codes import UNAVAILABLE

PARTS = ("live", "ready", "worker", "beat")
SECONDS = 4.0
# What a server that listens on every address is reached by from its own machine.
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "health",
        help="check a part of the server",
        description="Checks whether the server at STASH_HOST and STASH_PORT lives, or is ready (its stores answer); "
        "or whether a worker, or beat, reported within the last 90 seconds.",
        epilog="example: stash health ready",
    )
    command.add_argument("part", nargs="?", choices=PARTS, default="live", help="the part to check (live)")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 where it does its work."""
    if options.part in ("worker", "beat"):
        return server.manage("heard", options.part)
    host, port = config.address()
    connection = HTTPConnection(EVERYWHERE.get(host, host), port, timeout=SECONDS)
    try:
        connection.request("GET", f"/health/{options.part}")
        answer = connection.getresponse()
        output.line(answer.read().decode())
    except (OSError, HTTPException) as error:
        output.message(f"The server at {host} port {port} does not answer: {error}.")
        return UNAVAILABLE
    finally:
        connection.close()
    return 0 if answer.status == 200 else UNAVAILABLE
