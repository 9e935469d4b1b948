"""Standard output and standard error: JSON for programs, words for people, UTF-8 for both."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from stash_memory import config


class CannotWrite(Exception):
    """Standard output does not take what is written; the message is a sentence."""


BOLD, DIM, RED, YELLOW, GREEN = "1", "2", "31", "33", "32"


def prepare() -> None:
    """UTF-8, whatever the locale is called: ids and data are."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def for_people(as_json: bool = False) -> bool:
    """Whether to answer in words: on a terminal, unless JSON was asked for."""
    return not as_json and is_terminal(sys.stdout)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at the stream."""
    return stream is not None and stream.isatty()


def coloured(text: str, *codes: str, stream: TextIO | None = None) -> str:
    """`text` in a colour where the stream, standard output, is a terminal that wants colours."""
    if not is_terminal(stream or sys.stdout) or config.wants_no_colour():
        return text
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m"


def line(text: str) -> None:
    """A line for people on standard output."""
    write([text.encode("utf-8", "backslashreplace"), b"\n"])


def document(value: Any) -> None:
    """A line of JSON on standard output."""
    import json

    write([json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), b"\n"])


def write(pieces: Iterable[bytes | bytearray | memoryview]) -> None:
    """Bytes on standard output. Raises BrokenPipeError, CannotWrite, and what `pieces` raise."""
    if sys.stdout is None:
        raise CannotWrite("Standard output is closed; open it, or redirect it to /dev/null.")
    for piece in pieces:
        with _failing():
            sys.stdout.buffer.write(piece)


def message(text: str) -> None:
    """A sentence on standard error."""
    if sys.stderr is not None:
        print(f"stash: {text}", file=sys.stderr)


def flush() -> None:
    """What is still in a buffer goes out now, while somebody can say that it cannot."""
    if sys.stdout is not None:
        with _failing():
            sys.stdout.flush()


def abandon() -> None:
    """Nobody reads standard output any more; the interpreter is not to complain when it flushes it."""
    with open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), sys.stdout.fileno())


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        abandon()
        raise CannotWrite(
            f"Cannot write to standard output ({error.strerror}); redirect it elsewhere."
        ) from None
