"""JSON text from the command line or standard input: checked, and kept as it was written."""

import os
import stat
import sys

from stash_memory.cli.progress import Progress
from stash_memory.config import BadSetting
from stash_memory.errors import InvalidRequest
from stash_memory.payload import check_text

PIECE = 1 << 20


def given(value: str) -> bytes:
    """The text that VALUE is, or that standard input has where it is `-`. Raises BadSetting."""
    if value == "-":
        return checked(_standard_input(), "Standard input")
    return checked(value.encode("utf-8", "surrogateescape"), "VALUE")


def checked(text: bytes, source: str) -> bytes:
    """`text` without the white space around it. Raises BadSetting for what is not JSON."""
    import msgspec

    text = text.strip(b" \t\r\n")
    try:
        check_text(text, source)
        msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.DecodeError as error:
        raise BadSetting(_complaint(text, source, str(error))) from None
    except RecursionError:
        raise BadSetting(f"{source} is nested too deeply; the limit is about 900 levels.") from None
    except InvalidRequest as error:
        raise BadSetting(error.detail) from None
    return text


def _complaint(text: bytes, source: str, why: str) -> str:
    if not text:
        return f"{source} is empty; give JSON, such as {quoted(b'{}')}."
    why = why.removeprefix("JSON is malformed: ").replace("Input data was truncated", "it ends too soon")
    if source == "VALUE":
        advice = "put single quotes around JSON, and double quotes around strings inside"
    else:
        advice = "put double quotes around a string"
    return f"{source} is not JSON ({why}): {advice}, such as {quoted(text)}."


def quoted(text: bytes) -> str:
    """An example in the shell's quotes: what was most likely meant, where that is plain."""
    word = text.decode(errors="replace")
    plain = word.isprintable() and len(word) <= 40 and not set(word) & set("'\"\\{}[]:,")
    return f"'\"{word}\"'" if plain and word else "'{\"step\": 1}'"


def _standard_input() -> bytes:
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
