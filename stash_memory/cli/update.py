"""`stash update KEY`: new data, a longer life, or both."""

import argparse
import time
from typing import Any

from stash_memory.cli import failure, json_text, output
from stash_memory.cli import options as shared
from stash_memory.cli.connection import connected
from stash_memory.cli.kept import show
from stash_memory.cli.progress import Progress
from stash_memory.config import BadSetting
from stash_memory.errors import MemoryMissing
from stash_memory.exit_codes import NOT_THERE
from stash_memory.operations import Update


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "update",
        parents=[shared.connection()],
        help="replace a memory's data, extend its life, or both",
        description="Replaces a memory's data, extends its life, or both. The memory must exist.",
        epilog="examples:\n"
        "  stash update plan '{\"step\": 2}'\n"
        "  stash update plan --extra-seconds 10m\n"
        "  stash update plan - --if-version 7f3a9c0d51e2b648 < plan.json",
    )
    command.add_argument("key", metavar="KEY", help="the memory's id")
    command.add_argument(
        "value", metavar="VALUE", nargs="?", help="the new data, as JSON; - reads standard input"
    )
    shared.time(command, "--extra-seconds", "add this to the remaining life")
    command.add_argument("--if-version", metavar="VERSION", help="only if the memory has this version")
    shared.json(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Changes it, and says until when it lives."""
    if options.value is None and options.extra_seconds is None:
        raise BadSetting("Nothing to update: give a VALUE, --extra-seconds, or both.")
    text = None if options.value is None else json_text.given(options.value)
    extra_ms = shared.ms(options.extra_seconds, "extra_seconds")
    body = None if text is None else (text,)
    update = Update(options.key, body, extra_ms, None, options.if_version)
    try:
        with Progress("Storing", len(text or b"")) as progress, connected(options, progress) as connection:
            memory = connection.do(update)
    except MemoryMissing as error:
        output.message(failure.missing(options.key, error, time.time_ns() // 1_000_000))
        return NOT_THERE
    show(memory, output.for_people(options.json))
    return 0
