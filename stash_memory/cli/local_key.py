"""The local server's key, as `stash serve` keeps it in STASH_HOME."""

from pathlib import Path
from urllib.parse import urlsplit

from stash_memory import config


def path() -> Path:
    """Where it is kept."""
    return config.home() / "local_key"


def stored() -> str | None:
    """The key; None where no server was ever started. Raises BadSetting for what cannot be read."""
    file = path()
    try:
        return file.read_text("ascii").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError):
        raise config.BadSetting(
            f"{file} cannot be read: make it readable, or delete it; `stash serve` then makes a new one."
        ) from None


def is_for(url: str) -> bool:
    """Whether the URL is of this machine itself, which is as far as a local key goes."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host in ("localhost", "::1") or (host.startswith("127.") and host.replace(".", "").isdecimal())
