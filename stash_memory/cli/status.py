"""`stash status`: shows the backend in use, the setting that chose it, its address, and its memories."""

import argparse
import os
from typing import Any

from stash_memory import config
from stash_memory.cli import arguments, measures, output
from stash_memory.cli.connection import Target, choose_target, open_target
from stash_memory.errors import StashError

ADDRESS_NAMES = {"sqlite": "file", "redis": "server", "hosted": "server"}


def add_status(commands: Any) -> None:
    """Adds `stash status`."""
    command = commands.add_parser(
        "status",
        parents=[arguments.build_connection_options()],
        help="show the backend, the setting that chose it, and its memories",
        description="Shows the backend and the setting that chose it, its file or server, and its live memories.\n"
        "Shows no key and no password.",
        epilog="examples:\n  stash status\n  STASH_BACKEND=redis stash status --json",
    )
    arguments.add_json(command)
    command.set_defaults(run=show_status)


def show_status(options: argparse.Namespace) -> int:
    """Shows the facts, even if the store does not answer; returns the exit code."""
    target = choose_target(options)
    facts: dict[str, Any] = {
        "backend": target.choice.backend,
        "chosen_by": target.chosen_by,
        "address": target.choice.address,
        "key_from": target.key_source if target.choice.backend == "hosted" else None,
        "memories": None,
        "bytes": None,
    }
    error: StashError | None = None
    try:
        facts |= ask(target)
    except StashError as caught:
        error = caught
    facts["notes"] = list_notes(target)
    show(facts, output.is_for_people(options.json))
    return 0 if error is None else output.report(error)


def ask(target: Target) -> dict[str, Any]:
    """Counts the live memories and bytes. Never creates a missing file."""
    if target.choice.backend == "memory" or (
        target.choice.backend == "sqlite" and not os.path.lexists(target.choice.address)
    ):
        return {"memories": 0, "bytes": 0}
    with open_target(target) as connection:
        return connection.read_status()


def list_notes(target: Target) -> list[str]:
    """Explains settings that might surprise."""
    notes = []
    backend = target.choice.backend
    if backend == "memory":
        notes.append("The memory backend ends with its process, so no command can share it.")
    if backend == "sqlite" and not os.path.lexists(target.choice.address):
        notes.append("The file does not exist yet; the first `stash set` makes it.")
    if backend != "hosted" and config.is_set("STASH_URL"):
        notes.append("STASH_URL chooses nothing without STASH_API_KEY.")
    if backend != "redis" and config.is_set("REDIS_URL"):
        notes.append("REDIS_URL chooses nothing; STASH_BACKEND=redis does.")
    return notes


def show(facts: dict[str, Any], for_people: bool) -> None:
    """Prints a JSON object, or a line for each known fact."""
    if not for_people:
        known = {
            name: value for name, value in facts.items() if value is not None or name in ("memories", "bytes")
        }
        output.print_json(known)
        return
    number = facts["memories"]
    lives = "unknown"
    if number is not None:
        lives = f"{measures.format_count(number, 'memory')}, {measures.format_size(facts['bytes'])}"
    lines = {
        "backend": facts["backend"],
        "chosen by": facts["chosen_by"],
        ADDRESS_NAMES.get(facts["backend"], "where"): facts["address"],
        "key from": facts["key_from"],
        "user": facts.get("user_id") and f"{facts['user_id']}, {facts['tier']}",
        "lives": lives,
    }
    for name, value in lines.items():
        if value:
            output.print_line(f"{output.color(f'{name:<10}', output.DIM)} {value}")
    for note in facts["notes"]:
        output.print_line(output.color(note, output.YELLOW))
