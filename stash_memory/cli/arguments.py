"""Arguments that several commands share: the place of the memories, lengths of time, JSON text."""

import argparse
import os
import stat
import sys

from stash_memory.cli import measures
from stash_memory.cli.output import Progress
from stash_memory.config import BadSetting
from stash_memory.errors import InvalidRequest
from stash_memory.limits import whole_seconds
from stash_memory.payload import check_text

BACKENDS = ("sqlite", "redis")
# Bytes that one read takes from standard input.
PIECE = 1 << 20


def build_connection_options() -> argparse.ArgumentParser:
    """Builds a parent parser with the options that choose where the memories are."""
    parent = argparse.ArgumentParser(add_help=False)
    group = parent.add_argument_group(
        "where memories live (default: STASH_API_KEY, STASH_BACKEND, or a file)"
    )
    group.add_argument("--url", metavar="URL", help="a server's address (STASH_URL)")
    group.add_argument(
        "--api-key",
        metavar="KEY",
        help="the server's key; prefer STASH_API_KEY, because `ps` shows this option to other users",
    )
    group.add_argument(
        "--backend", choices=BACKENDS, help="use this backend without a server (STASH_BACKEND)"
    )
    group.add_argument("--path", metavar="FILE", help="the sqlite backend's file (memories.db in STASH_HOME)")
    group.add_argument("--redis-url", metavar="URL", help="the redis backend's server (REDIS_URL)")
    return parent


def add_json(command: argparse._ActionsContainer) -> None:
    """Adds --json."""
    command.add_argument("--json", action="store_true", help="print JSON on a terminal too")


def add_time(command: argparse.ArgumentParser, flag: str, sentence: str) -> None:
    """Adds an option that takes a length of time."""
    command.add_argument(
        flag, metavar="TIME", type=measures.parse_duration, help=f"{sentence}: 600, 10m, 1h30m, 2d"
    )


def to_ms(seconds: int | None, name: str) -> int | None:
    """Converts an optional length of time to milliseconds. Raises InvalidRequest."""
    return None if seconds is None else whole_seconds(seconds, name) * 1000


def read_value(value: str) -> bytes:
    """Returns VALUE as JSON text, or standard input's text if VALUE is `-`. Raises BadSetting."""
    if value == "-":
        return check_json(_read_standard_input(), "Standard input")
    return check_json(value.encode("utf-8", "surrogateescape"), "VALUE")


def check_json(text: bytes, source: str) -> bytes:
    """Returns JSON `text` without surrounding white space, otherwise unchanged. Raises BadSetting for other text."""
    import msgspec

    text = text.strip(b" \t\r\n")
    try:
        check_text(text, source)
        msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.DecodeError as error:
        raise BadSetting(_explain(text, source, str(error))) from None
    except RecursionError:
        raise BadSetting(f"{source} is nested too deeply; the limit is about 900 levels.") from None
    except InvalidRequest as error:
        raise BadSetting(error.detail) from None
    return text


def _explain(text: bytes, source: str, why: str) -> str:
    if not text:
        return f"{source} is empty; give JSON, such as {quote_example(b'{}')}."
    why = why.removeprefix("JSON is malformed: ").replace("Input data was truncated", "it ends too soon")
    if source == "VALUE":
        advice = "put single quotes around JSON, and double quotes around strings inside"
    else:
        advice = "put double quotes around a string"
    return f"{source} is not JSON ({why}): {advice}, such as {quote_example(text)}."


def quote_example(text: bytes) -> str:
    """Quotes an example for the shell: the text itself if it is a plain word, otherwise a sample object."""
    word = text.decode(errors="replace")
    plain = word.isprintable() and len(word) <= 40 and not set(word) & set("'\"\\{}[]:,")
    return f"'\"{word}\"'" if plain and word else "'{\"step\": 1}'"


def _read_standard_input() -> bytes:
    if sys.stdin is None:
        raise BadSetting("Standard input is closed; give the VALUE itself.")
    if sys.stdin.isatty():
        print("Reading JSON; end it with Ctrl-D.", file=sys.stderr)
    status = os.fstat(sys.stdin.fileno())
    pieces = []
    with Progress("Reading", status.st_size if stat.S_ISREG(status.st_mode) else None) as progress:
        while piece := os.read(sys.stdin.fileno(), PIECE):
            pieces.append(piece)
            progress.done += len(piece)
    return b"".join(pieces)
