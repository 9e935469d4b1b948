"""`stash ls [PREFIX]`: which memories there are, without their data."""

import argparse
from typing import Any

from stash_memory.cli import measures, output
from stash_memory.cli import options as shared
from stash_memory.cli.connection import connected
from stash_memory.client.memory import Entry
from stash_memory.cursor import LONGEST_PAGE
from stash_memory.operations import ListPage

SOON_S = 60


def add(commands: Any) -> None:
    """Adds the command to the parser."""
    command = commands.add_parser(
        "ls",
        parents=[shared.connection()],
        help="list memories",
        description="Lists memories, sorted by id. A terminal shows a table; a pipe, or --json, gets one JSON\n"
        "object a line (memory_id, bytes, ttl, expires_at) while the listing runs.",
        epilog="examples:\n  stash ls run-42/\n  stash ls --json | jq -r 'select(.bytes > 1000) | .memory_id'\n"
        "  stash ls --ids run-42/ | head -1",
    )
    command.add_argument(
        "prefix", metavar="PREFIX", nargs="?", default="", help="list only ids with this prefix"
    )
    command.add_argument("--limit", metavar="N", type=at_least_one, help="list at most N memories")
    form = command.add_mutually_exclusive_group()
    form.add_argument("--ids", action="store_true", help="print only the ids, one a line")
    shared.json(form)
    command.set_defaults(run=run)


def at_least_one(text: str) -> int:
    """A count. Raises ArgumentTypeError."""
    if not (text.isdecimal() and text.isascii() and len(text) < 10 and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Shows them page by page."""
    for_people = output.for_people(options.json) and not options.ids
    left = options.limit
    shown = 0
    cursor = None
    with connected(options) as connection:
        while left is None or left > shown:
            limit = LONGEST_PAGE if left is None else min(LONGEST_PAGE, left - shown)
            page = connection.do(ListPage(options.prefix, cursor, limit))
            if for_people and page.entries and not shown:
                output.line(output.coloured(f"{'SIZE':>9}  {'LEFT':>10}  ID", output.DIM))
            for entry in page.entries:
                show(entry, for_people, options.ids)
            # What has been found is seen, also by a program that reads it from a pipe.
            output.flush()
            shown += len(page.entries)
            cursor = page.cursor
            if cursor is None:
                break
    if for_people and not shown:
        begins = f" begins with '{options.prefix}'" if options.prefix else " exists"
        output.message(f"No memory{begins}.")
    return 0


def show(entry: Entry, for_people: bool, ids: bool) -> None:
    """One of them on a line of its own."""
    if ids:
        output.line(entry.memory_id)
    elif for_people:
        left = f"{measures.duration(entry.ttl):>10}"
        if entry.ttl < SOON_S:
            left = output.coloured(left, output.YELLOW)
        output.line(
            f"{measures.size(entry.bytes):>9}  {left}  {output.coloured(entry.memory_id, output.BOLD)}"
        )
    else:
        output.document(
            {
                "memory_id": entry.memory_id,
                "bytes": entry.bytes,
                "ttl": entry.ttl,
                "expires_at": f"{entry.expires_at:%Y-%m-%dT%H:%M:%SZ}",
            }
        )
