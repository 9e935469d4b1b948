"""Fails if a module of the packages is too long: `python tools/check_modules.py`, a part of `make check`.

A file holds one idea (CONTRIBUTING.md), and an idea that takes over 300 lines is two. Migrations are exempt: a schema
is as long as its tables.
"""

import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

MOST_LINES = 300
SUFFIXES = {".py", ".lua", ".html"}
ROOT = Path(__file__).resolve().parent.parent


def packages(root: Path) -> list[Path]:
    """Returns the folders of the packages that import-linter knows, and of the templates."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    names = settings["tool"]["importlinter"]["root_packages"]
    return [root / name for name in (*names, "templates")]


def modules(folders: Iterable[Path]) -> Iterator[Path]:
    """Yields every module, script and template in the folders, sorted, except migrations."""
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.suffix in SUFFIXES and "migrations" not in file.relative_to(folder).parts:
                yield file


def too_long(files: Iterable[Path]) -> Iterator[tuple[Path, int]]:
    """Yields each file of more than MOST_LINES lines, with how many it has."""
    for file in files:
        lines = len(file.read_text("utf-8").splitlines())
        if lines > MOST_LINES:
            yield file, lines


def main(root: Path = ROOT) -> int:
    """Prints a line for each module that is too long; returns 1 if there is one, else 0."""
    found = list(too_long(modules(packages(root))))
    for file, lines in found:
        print(f"{file.relative_to(root)} has {lines} lines, the most is {MOST_LINES}: split it by its ideas.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
