"""Standard output and standard error: results, messages, failures and progress.

Programs read JSON, people read words; both streams are UTF-8.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from stash_memory import config, errors
from stash_memory.cli import measures
from stash_memory.exit_codes import NOT_THERE, UNAVAILABLE, WRONG_USE

if TYPE_CHECKING:
    from stash_memory.records import Buffer

BOLD, DIM, RED, YELLOW, GREEN = "1", "2", "31", "33", "32"
# Progress appears after this long, and only on a terminal.
PATIENCE_S = 0.5
REDRAW_S = 0.1
BAR = 24

_CODES = (
    (errors.MemoryMissing, NOT_THERE),
    (errors.PreconditionFailed, NOT_THERE),  # the version that the condition names is not there
    (errors.InvalidRequest, WRONG_USE),
    (errors.InvalidApiKey, WRONG_USE),
    (errors.ScopeDenied, WRONG_USE),
    (errors.PayloadTooLarge, WRONG_USE),
    (config.BadSetting, WRONG_USE),
)


class CannotWrite(Exception):
    """Standard output refuses a write; the message is a sentence."""


def use_utf8() -> None:
    """Makes both streams UTF-8, as ids and data are, whatever the locale claims."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def is_for_people(as_json: bool = False) -> bool:
    """Whether to answer in words: on a terminal, unless the caller asked for JSON."""
    return not as_json and is_terminal(sys.stdout)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether the stream is a terminal."""
    return stream is not None and stream.isatty()


def color(text: str, *codes: str) -> str:
    """Colors `text` if standard output is a terminal that takes colors."""
    if not is_terminal(sys.stdout) or config.wants_no_color():
        return text
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m"


def print_line(text: str) -> None:
    """Writes a line for people on standard output."""
    write([text.encode("utf-8", "backslashreplace"), b"\n"])


def print_json(value: Any) -> None:
    """Writes a line of JSON on standard output."""
    import json

    write([json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), b"\n"])


def write(pieces: "Iterable[Buffer]") -> None:
    """Writes bytes on standard output. Raises BrokenPipeError, CannotWrite, and every error of `pieces`."""
    if sys.stdout is None:
        raise CannotWrite("Standard output is closed; open it, or redirect it to /dev/null.")
    for piece in pieces:
        with _explain_failure():
            sys.stdout.buffer.write(piece)


def print_message(text: str) -> None:
    """Writes a sentence on standard error."""
    if sys.stderr is not None:
        print(f"stash: {text}", file=sys.stderr)


def report(error: Exception) -> int:
    """Writes the error's sentence on standard error; returns its exit code."""
    text = str(error)
    if isinstance(error, OSError):
        text = f"{f'{error.filename}: ' if error.filename else ''}{error.strerror or error}."
    print_message(text)
    return next((code for kind, code in _CODES if isinstance(error, kind)), UNAVAILABLE)


def report_missing(key: str, error: errors.MemoryMissing) -> None:
    """Says on standard error that `key` has no memory, or when its memory expired."""
    text = f"There is no memory '{key}': it was forgotten or never existed."
    if isinstance(error, errors.MemoryExpired):
        ago_ms = max(0, time.time_ns() // 1_000_000 - error.expired_at_ms)
        ago = measures.format_duration(ago_ms // 1000)
        text = f"'{key}' expired at {error.expired_at:%Y-%m-%dT%H:%M:%SZ}, {ago} ago, and its data is gone."
    print_message(text)


def flush() -> None:
    """Flushes standard output while this process can still report a failure."""
    if sys.stdout is not None:
        with _explain_failure():
            sys.stdout.flush()


def abandon() -> None:
    """Points standard output at nothing, so that the interpreter's last flush raises no error."""
    with open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())


@contextmanager
def _explain_failure() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        abandon()
        raise CannotWrite(
            f"Cannot write to standard output ({error.strerror}); redirect it elsewhere."
        ) from None


class Progress:
    """A context that shows on standard error how far `verb` is, of `total` bytes or things; None is an unknown total.

    Set `done` to the amount so far, or `look` to a function that returns it; a thread of its own calls `look`. `count`
    writes an amount in words. `shown`: whether standard error is a terminal on which a line can move.
    """

    def __init__(
        self,
        verb: str,
        total: int | None = None,
        *,
        count: Callable[[int], str] = measures.format_size,
    ) -> None:
        self.verb = verb
        self.total = total
        self.done = 0
        self.look: Callable[[], int] | None = None
        self.shown = is_terminal(sys.stderr) and not config.wants_plain_lines()
        self._count = count
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

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

    def count_pieces(self, pieces: "Iterable[Buffer]") -> "Iterator[Buffer]":
        """Yields the pieces, and adds the size of each to `done` after the caller has used it."""
        for piece in pieces:
            yield piece
            self.done += len(piece)

    def render(self) -> str:
        """Writes the line at this instant."""
        elapsed = measures.format_duration(int(time.monotonic() - self._began))
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
            sys.stderr.write(f"\r\x1b[K{self.render()[: width - 1]}")
            sys.stderr.flush()
            drawn, wait = True, REDRAW_S
        if drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
