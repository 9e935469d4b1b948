"""`stash set KEY VALUE` and `stash update KEY`: write a memory, and show the time to live."""

import argparse
from typing import Any

from stash_memory.cli import arguments, measures, output
from stash_memory.cli.connection import connect
from stash_memory.cli.output import Progress
from stash_memory.client.memory import Memory
from stash_memory.config import BadSetting
from stash_memory.errors import MemoryMissing
from stash_memory.exit_codes import NOT_THERE
from stash_memory.operations import Put, Update


def add_set(commands: Any) -> None:
    """Adds `stash set KEY VALUE`."""
    command = commands.add_parser(
        "set",
        parents=[arguments.build_connection_options()],
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
    arguments.add_time(command, "--ttl", "the time to live")
    condition = command.add_mutually_exclusive_group()
    condition.add_argument("--if-absent", action="store_true", help="only if the key does not exist")
    condition.add_argument("--if-version", metavar="VERSION", help="only if the memory has this version")
    arguments.add_json(command)
    command.set_defaults(run=set_value)


def set_value(options: argparse.Namespace) -> int:
    """Stores the value and shows its expiry; returns 0."""
    text = arguments.read_value(options.value)
    ttl_ms = arguments.to_ms(options.ttl, "ttl")
    put = Put(options.key, (text,), ttl_ms, options.if_version, options.if_absent)
    with Progress("Storing", len(text)) as progress, connect(options, progress) as connection:
        memory = connection.do(put)
    show(memory, output.is_for_people(options.json))
    return 0


def add_update(commands: Any) -> None:
    """Adds `stash update KEY`."""
    command = commands.add_parser(
        "update",
        parents=[arguments.build_connection_options()],
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
    arguments.add_time(command, "--extra-seconds", "add this to the remaining life")
    arguments.add_time(command, "--at-least", "raise the remaining life to at least this")
    command.add_argument("--if-version", metavar="VERSION", help="only if the memory has this version")
    arguments.add_json(command)
    command.set_defaults(run=update)


def update(options: argparse.Namespace) -> int:
    """Updates the memory and shows its expiry; returns NOT_THERE if the key has none."""
    if options.value is None and options.extra_seconds is None and options.at_least is None:
        raise BadSetting("Nothing to update: give a VALUE, --extra-seconds or --at-least.")
    text = None if options.value is None else arguments.read_value(options.value)
    extra_ms = arguments.to_ms(options.extra_seconds, "extra_seconds")
    at_least_ms = arguments.to_ms(options.at_least, "at_least")
    body = None if text is None else (text,)
    operation = Update(options.key, body, extra_ms, at_least_ms, options.if_version)
    try:
        with Progress("Storing", len(text or b"")) as progress, connect(options, progress) as connection:
            memory = connection.do(operation)
    except MemoryMissing as error:
        output.report_missing(options.key, error)
        return NOT_THERE
    show(memory, output.is_for_people(options.json))
    return 0


def show(memory: Memory, for_people: bool) -> None:
    """Prints the memory's id, seconds left, expiry and version as JSON, or the first three in words."""
    if for_people:
        left = output.color(measures.format_duration(memory.ttl), output.GREEN)
        local = memory.expires_at.astimezone()
        output.print_line(
            f"{output.color(memory.memory_id, output.BOLD)} lives {left}, until {local:%Y-%m-%d %X %Z}"
        )
    else:
        output.print_json(
            {
                "memory_id": memory.memory_id,
                "ttl": memory.ttl,
                "expires_at": f"{memory.expires_at:%Y-%m-%dT%H:%M:%SZ}",
                "version": memory.version,
            }
        )
