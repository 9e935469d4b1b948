"""Looks for keys and payloads in the logs of every server that the tests started, and in any other bytes."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

# In the data of memories that tests keep, and nowhere else: wherever it is found, data was found.
CANARY = "canary-that-sings-where-data-is"
# A whole key, or the larger part of one, in any case: a log that turned it to lower case still gives it away.
KEY = re.compile(rb"sk_(?:live|local)_[0-9a-z]{20,}", re.IGNORECASE)
# The one exception: a local server's banner on standard error.
BANNER = re.compile(
    rb"^(?:  key    sk_local_\w+|  curl -X POST \S+ -H 'X-API-KEY: sk_local_.*)$", re.MULTILINE
)

logs: set[Path] = set()


def found(text: bytes, secrets: Iterable[str] = (), *, data: bool = True) -> list[str]:
    """What is in the text that must not be: a key, one of these secrets, and (with `data`) a payload."""
    things = [f"a key ({match[0][:12].decode()}...)" for match in KEY.finditer(text)]
    lower = text.lower()
    things += [f"{secret[:12]}..." for secret in secrets if secret.lower().encode() in lower]
    if data:
        things += ["data"] * text.count(CANARY.encode())
    return things


def in_logs() -> list[str]:
    """The lines of all logs, where they are, with what is in them that must not be."""
    return [said for log in sorted(logs) if log.exists() for said in in_log(log)]


def in_log(log: Path) -> Iterator[str]:
    """The same of one log."""
    text = log.read_bytes()
    if log.name == "err.log":
        text = BANNER.sub(b"", text)
    if found(text):
        for number, line in enumerate(text.split(b"\n"), 1):
            for thing in found(line):
                yield f"{log}, line {number}: {thing}"
