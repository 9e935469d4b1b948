"""All memories whose ids begin alike: counted, and forgotten together."""

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from stash_memory.cli import measures
from stash_memory.cli.connection import Connection
from stash_memory.cli.progress import Progress
from stash_memory.cursor import LONGEST_PAGE
from stash_memory.errors import StashError
from stash_memory.operations import ForgetPrefix, ListPage

# A person who is asked does not wait for more of them to be counted.
COUNTED = 10_000


class Prefix:
    """What begins with `prefix` in the connection's memories."""

    def __init__(self, connection: Connection, prefix: str) -> None:
        self.prefix = prefix
        self._connection = connection

    def confirmed(self) -> bool:
        """Whether the person at the terminal wants to forget so many."""
        number, size, more = self._counted()
        many = f"{measures.count(number, 'memory')}, {measures.size(size)}"
        print(
            f"Forget every memory that begins with '{self.prefix}' ({'more than ' * more}{many})? [y/N] ",
            end="",
            file=sys.stderr,
            flush=True,
        )
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def forget(self) -> int:
        """Forgets them in one call; returns how many."""
        progress = Progress("Forgetting", count=_memories)
        if progress.shown and self._connection.tells_for_free:
            number, _, more = self._counted()
            progress.total = None if more else number
            progress.look = self._look()
        with progress:
            return int(self._connection.do(ForgetPrefix(self.prefix)))

    def _counted(self) -> tuple[int, int, bool]:
        number = size = 0
        cursor: str | None = None
        with Progress("Counting"):
            while number < COUNTED:
                page: Any = self._connection.do(ListPage(self.prefix, cursor, LONGEST_PAGE))
                number += len(page.entries)
                size += sum(entry.bytes for entry in page.entries)
                cursor = page.cursor
                if cursor is None:
                    return number, size, False
        return number, size, True

    def _look(self) -> Callable[[], int]:
        """Tells how many are gone, as the totals show it: the one call that forgets them does not."""
        before = live = int(self._connection.status()["memories"])

        def gone() -> int:
            nonlocal live
            with suppress(StashError):
                live = int(self._connection.status()["memories"])
            return max(0, before - live)

        return gone


def _memories(number: int) -> str:
    return measures.count(number, "memory")
