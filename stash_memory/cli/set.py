"""`stash set KEY VALUE`: keeps JSON under an id of one's own."""

import argparse
from typing import Any

from stash_memory.cli import json_text, output
from stash_memory.cli import options as shared
from stash_memory.cli.connection import connected
from stash_memory.cli.kept import show
from stash_memory.cli.progress import Progress
from stash_memory.operations import Put


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "set",
        parents=[shared.connection()],
        help="store a JSON value under a key",
        description="Stores a JSON value under a key until its TTL runs out, and replaces an existing value.\n"
        "A terminal shows words; a pipe, or --json, gets JSON: memory_id, ttl, expires_at, version.",
        epilog="examples:\n"
        "  stash set plan '{\"step\": 1}' --ttl 10m\n"
        "  jq . report.json | stash set report -\n"
        "  stash set lock '\"agent-7\"' --ttl 30 --if-absent && run-the-job",
    )
    command.add_argument("key", metavar="KEY", help="1 to 256 bytes of UTF-8; / groups keys")
    command.add_argument(
        "value", metavar="VALUE", help="JSON (a string needs its own double quotes); - reads standard input"
    )
    shared.time(command, "--ttl", "the time to live")
    condition = command.add_mutually_exclusive_group()
    condition.add_argument("--if-absent", action="store_true", help="only if the key does not exist")
    condition.add_argument("--if-version", metavar="VERSION", help="only if the memory has this version")
    shared.json(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Keeps it, and says until when."""
    text = json_text.given(options.value)
    ttl_ms = shared.ms(options.ttl, "ttl")
    put = Put(options.key, (text,), ttl_ms, options.if_version, options.if_absent)
    with Progress("Keeping", len(text)) as progress, connected(options, progress) as connection:
        memory = connection.do(put)
    show(memory, output.for_people(options.json))
    return 0
