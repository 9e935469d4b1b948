"""Log lines: JSON for machines (one object a line), or plain text for people. Neither ever holds an API key.

Keys are masked in the finished line: people put theirs in ids, paths and hosts, and Django's own lines repeat those.
Masking a line of 300 bytes takes 1 us.
"""

import logging
import time
from typing import Any

import msgspec

from accounts.key_secret import masked

encode = msgspec.json.Encoder().encode

# No line names a thread, so none is looked up (Python's logging HOWTO, "Optimization"). gunicorn's name a process.
logging.logThreads = logging.logMultiprocessing = False

_second = (0, "")


def timestamp(at: float) -> str:
    """Return `2026-01-15T10:30:00.123Z`. Only its end changes within a second. Threads may write `_second` at once."""
    global _second
    second, text = _second
    if second != int(at):
        second, text = _second = int(at), time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))
    return f"{text}.{int(at % 1 * 1000):03d}Z"


def members(record: logging.LogRecord) -> dict[str, Any]:
    """Return the members of a line: time, level, and the event with its fields or a plain message."""
    line: dict[str, Any] = {"timestamp": timestamp(record.created), "level": record.levelname}
    fields = getattr(record, "fields", None)
    if fields is None:
        line |= {"event": "log", "logger": record.name, "message": record.getMessage()}
    else:
        line["event"] = record.msg
        line |= fields
    return line


class Unexpected(logging.Filter):
    """Passes Django's lines about our own faults. Every other response has an operation's line."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(record, "status_code", 500) == 500


class JsonFormatter(logging.Formatter):
    """One JSON object a line; a traceback is a member of it."""

    def format(self, record: logging.LogRecord) -> str:
        line = members(record)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return masked(encode(line).decode())


class ConsoleFormatter(logging.Formatter):
    """`10:30:00.123 INFO stash_created user_id=usr_local memory_id=xK9mP2nQ`"""

    def format(self, record: logging.LogRecord) -> str:
        line = members(record)
        head = f"{line.pop('timestamp')[11:23]} {line.pop('level'):<7} {line.pop('event')}"
        text = " ".join([head, *(f"{name}={value}" for name, value in line.items())])
        return masked(f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text)
