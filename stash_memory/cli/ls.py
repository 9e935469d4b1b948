"""`stash ls [PREFIX]`: lists memories without their data."""

import argparse
from typing import Any

from stash_memory.cli import arguments, measures, output
from stash_memory.cli.connection import connect
from stash_memory.client.memory import Entry
from stash_memory.ids import LONGEST_PAGE
from stash_memory.operations import ListPage

# A shorter life is highlighted.
SOON_S = 60


def add_ls(commands: Any) -> None:
    """Adds `stash ls [PREFIX]`."""
    command = commands.add_parser(
        "ls",
        parents=[arguments.build_connection_options()],
        help="list memories",
        description="Lists memories, sorted by id. A terminal shows a table; a pipe, or --json, gets one JSON\n"
        "object a line (memory_id, bytes, ttl, expires_at) while the listing runs.",
        epilog="examples:\n  stash ls run-42/\n  stash ls --json | jq -r 'select(.bytes > 1000) | .memory_id'\n"
        "  stash ls --ids run-42/ | head -1",
    )
    command.add_argument(
        "prefix", metavar="PREFIX", nargs="?", default="", help="list only ids with this prefix"
    )
    command.add_argument("--limit", metavar="N", type=parse_limit, help="list at most N memories")
    form = command.add_mutually_exclusive_group()
    form.add_argument("--ids", action="store_true", help="print only the ids, one a line")
    arguments.add_json(form)
    command.set_defaults(run=list_memories)


def parse_limit(text: str) -> int:
    """Reads a number of at least 1. Raises ArgumentTypeError."""
    if not (text.isdecimal() and text.isascii() and len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def list_memories(options: argparse.Namespace) -> int:
    """Prints the memories page by page; returns 0."""
    for_people = output.is_for_people(options.json) and not options.ids
    left = options.limit
    shown = 0
    cursor = None
    with connect(options) as connection:
        while left is None or left > shown:
            limit = LONGEST_PAGE if left is None else min(LONGEST_PAGE, left - shown)
            page = connection.do(ListPage(options.prefix, cursor, limit))
            if for_people and page.entries and not shown:
                output.print_line(output.color(f"{'SIZE':>9}  {'LEFT':>10}  ID", output.DIM))
            for entry in page.entries:
                show(entry, for_people, options.ids)
            # A program at the other end of a pipe sees each page at once.
            output.flush()
            shown += len(page.entries)
            cursor = page.cursor
            if cursor is None:
                break
    if for_people and not shown:
        begins = f" begins with '{options.prefix}'" if options.prefix else " exists"
        output.print_message(f"No memory{begins}.")
    return 0


def show(entry: Entry, for_people: bool, ids: bool) -> None:
    """Prints one entry on a line of its own."""
    if ids:
        output.print_line(entry.memory_id)
    elif for_people:
        left = f"{measures.format_duration(entry.ttl):>10}"
        if entry.ttl < SOON_S:
            left = output.color(left, output.YELLOW)
        size = f"{measures.format_size(entry.bytes):>9}"
        output.print_line(f"{size}  {left}  {output.color(entry.memory_id, output.BOLD)}")
    else:
        output.print_json(
            {
                "memory_id": entry.memory_id,
                "bytes": entry.bytes,
                "ttl": entry.ttl,
                "expires_at": f"{entry.expires_at:%Y-%m-%dT%H:%M:%SZ}",
            }
        )
