"""A line on standard error that moves while long work goes on: on a terminal, and after half a second."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING

from stash_memory import config
from stash_memory.cli import measures, output

if TYPE_CHECKING:
    from stash_memory.records import Buffer

PATIENCE_S = 0.5
REDRAW_S = 0.1
BAR = 24


class Progress:
    """A context in which `verb` is done to `total` bytes (None: nobody knows how many), or `count`ed things.

    `done` is how far it is: set it, or `look`, which is called in a thread of its own and tells.
    """

    def __init__(
        self,
        verb: str,
        total: int | None = None,
        *,
        count: Callable[[int], str] = measures.size,
    ) -> None:
        self.verb = verb
        self.total = total
        self.done = 0
        self._count = count
        self.look: Callable[[], int] | None = None
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self.shown = output.is_terminal(sys.stderr) and not config.wants_plain_lines()

    def __enter__(self) -> "Progress":
        self._began = time.monotonic()
        if self.shown:
            self._thread = threading.Thread(target=self._draw, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def counted(self, pieces: "Iterable[Buffer]") -> "Iterator[Buffer]":
        """The pieces, and `done` grows by the size of each that was taken."""
        for piece in pieces:
            yield piece
            self.done += len(piece)

    def text(self) -> str:
        """The line as it is now."""
        elapsed = measures.duration(int(time.monotonic() - self._began))
        if not self.total:
            done = f" {self._count(self.done)}," if self.done else ""
            return f"{self.verb}{done} {elapsed}"
        part = min(1.0, self.done / self.total)
        bar = ("#" * round(part * BAR)).ljust(BAR, "-")
        return f"{self.verb} [{bar}] {part:4.0%} of {self._count(self.total)}, {elapsed}"

    def _draw(self) -> None:
        drawn = False
        wait = PATIENCE_S
        while not self._over.wait(wait):
            if self.look is not None:
                self.done = self.look()
            width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            sys.stderr.write(f"\r\x1b[K{self.text()[: width - 1]}")
            sys.stderr.flush()
            drawn, wait = True, REDRAW_S
        if drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
