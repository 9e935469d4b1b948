"""A page of Markdown, and the blocks of code in it."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# What may stand before a block that cannot be run; `tests/documents/test_pages.py` lists which ones there are.
MARKER = re.compile(r"<!-- not run: (.+) -->")
FENCE = re.compile(r"^ *```(\w*)$")


class Block(NamedTuple):
    """A block: its `language`, its text, the line where that begins, and `not_run`, why it cannot be run, or None."""

    page: str
    line: int
    language: str
    text: str
    not_run: str | None


def blocks(path: Path) -> list[Block]:
    """The page's blocks, in order."""
    found: list[Block] = []
    inside: Block | None = None
    reason = None
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        fence = FENCE.match(line)
        if inside is not None:
            if fence:
                found.append(inside)
                inside = reason = None
            else:
                inside = inside._replace(text=f"{inside.text}{line}\n")
        elif fence:
            inside = Block(path.relative_to(ROOT).as_posix(), number + 1, fence[1], "", reason)
        elif line.strip():
            marker = MARKER.search(line)
            reason = marker[1] if marker else None
    assert inside is None, f"{path} has a block that does not end"
    return found
