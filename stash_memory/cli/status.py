"""`stash status`: which backend is in use, what chose it, where it is, and what lives there."""

import argparse
import os
from typing import Any

from stash_memory import config
from stash_memory.cli import failure, measures, output
from stash_memory.cli import options as shared
from stash_memory.cli.connection import Target, opened, target
from stash_memory.errors import StashError

WHERE = {"sqlite": "file", "redis": "server", "hosted": "server"}


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "status",
        parents=[shared.connection()],
        help="show the backend, the setting that chose it, and its memories",
        description="Shows the backend and the setting that chose it, its file or server, and its live memories.\n"
        "Shows no key and no password.",
        epilog="examples:\n  stash status\n  STASH_BACKEND=redis stash status --json",
    )
    shared.json(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Tells what is known without asking anybody, too, where nobody answers."""
    chosen = target(options)
    facts: dict[str, Any] = {
        "backend": chosen.choice.backend,
        "chosen_by": chosen.chosen_by,
        "address": chosen.choice.address,
        "key_from": chosen.key_source if chosen.choice.backend == "hosted" else None,
        "memories": None,
        "bytes": None,
    }
    error: StashError | None = None
    try:
        facts |= live(chosen)
    except StashError as caught:
        error = caught
    facts["notes"] = notes(chosen)
    show(facts, output.for_people(options.json))
    return 0 if error is None else failure.told(error)


def live(chosen: Target) -> dict[str, Any]:
    """What lives there. A file that nobody has made is not made for this."""
    if chosen.choice.backend == "memory" or (
        chosen.choice.backend == "sqlite" and not os.path.lexists(chosen.choice.address)
    ):
        return {"memories": 0, "bytes": 0}
    with opened(chosen) as connection:
        return connection.status()


def notes(chosen: Target) -> list[str]:
    """What might surprise."""
    said = []
    backend = chosen.choice.backend
    if backend == "memory":
        said.append("The memory backend ends with its process, so no command can share it.")
    if backend == "sqlite" and not os.path.lexists(chosen.choice.address):
        said.append("The file does not exist yet; the first `stash set` makes it.")
    if backend != "hosted" and config.is_set("STASH_URL"):
        said.append("STASH_URL chooses nothing without STASH_API_KEY.")
    if backend != "redis" and config.is_set("REDIS_URL"):
        said.append("REDIS_URL chooses nothing; STASH_BACKEND=redis does.")
    return said


def show(facts: dict[str, Any], for_people: bool) -> None:
    """A JSON object, or a line for each fact that there is."""
    if not for_people:
        output.document(
            {
                name: value
                for name, value in facts.items()
                if value is not None or name in ("memories", "bytes")
            }
        )
        return
    number = facts["memories"]
    lives = (
        "unknown"
        if number is None
        else f"{measures.count(number, 'memory')}, {measures.size(facts['bytes'])}"
    )
    lines = {
        "backend": facts["backend"],
        "chosen by": facts["chosen_by"],
        WHERE.get(facts["backend"], "where"): facts["address"],
        "key from": facts["key_from"],
        "user": facts.get("user_id") and f"{facts['user_id']}, {facts['tier']}",
        "lives": lives,
    }
    for name, value in lines.items():
        if value:
            output.line(f"{output.coloured(f'{name:<10}', output.DIM)} {value}")
    for note in facts["notes"]:
        output.line(output.coloured(note, output.YELLOW))
