"""Where the local server listens, as it was told last: `local_url` in STASH_HOME."""

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from stash_memory import config

SECONDS = 2.0


def path() -> Path:
    """Where it is kept."""
    return config.home() / "local_url"


def keep(url: str) -> None:
    """Writes it down, whole or not at all. A home that takes no file is no reason for a server not to start."""
    draft = path().with_suffix(f".{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        draft.write_text(url + "\n")
        draft.replace(path())
    except OSError:
        return


def kept() -> str | None:
    """The URL, which may be of a server that has stopped; None where none was ever started."""
    try:
        return path().read_text("ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def is_answered(url: str) -> bool:
    """Whether something listens there."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), SECONDS):
            return True
    except OSError:
        return False
