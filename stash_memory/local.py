"""The local server as other processes of this machine find it: its user, and its key and URL in STASH_HOME."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from stash_memory import config

# Embedded code and the local server both act as this user, so they share their memories.
USER_ID = "usr_local"
# The longest wait for a local server to accept a connection.
CONNECT_S = 2.0


def key_path() -> Path:
    """Names the file that holds the local server's key."""
    return config.home() / "local_key"


def read_key() -> str | None:
    """Returns the local server's key, or None if no server ever started. Raises BadSetting for an unreadable file."""
    file = key_path()
    try:
        return file.read_text("ascii").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError):
        raise config.BadSetting(
            f"{file} cannot be read: make it readable, or delete it; `stash serve` then makes a new one."
        ) from None


def is_on_this_machine(url: str) -> bool:
    """Whether the URL names this machine itself; a local key is never sent anywhere else."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host in ("localhost", "::1") or (host.startswith("127.") and host.replace(".", "").isdecimal())


def url_path() -> Path:
    """Names the file that holds the URL of the local server that started last."""
    return config.home() / "local_url"


def write_url(url: str) -> None:
    """Records the URL atomically. Ignores a home that takes no file: the server starts without the record."""
    draft = url_path().with_suffix(f".{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        draft.write_text(url + "\n")
        draft.replace(url_path())
    except OSError:
        return


def read_url() -> str | None:
    """Returns the recorded URL, or None if no server ever started. Its server may have stopped."""
    try:
        return url_path().read_text("ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def is_listening(url: str) -> bool:
    """Whether the URL's port accepts a connection."""
    import socket  # only `stash dashboard` asks; every embedded command imports this module

    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), CONNECT_S):
            return True
    except OSError:
        return False
