"""STASH_HOME: files and folders that only their owner may read."""

import contextlib
import secrets
from pathlib import Path

from stash_memory.config import BadSetting

SECRET_CHARACTERS = 48


def private_folder(path: Path) -> Path:
    """`path`, made if need be, for nobody else to read. Raises BadSetting."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(f"STASH_HOME is {path}, which cannot be a folder: {error.strerror}.") from None
    return path


def private_file(path: Path) -> Path:
    """`path`, made if need be with mode 0600, which SQLite's own companions of it inherit. Raises BadSetting."""
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise BadSetting(f"{path} cannot be written: {error.strerror}.") from None
    return path


def secret_file(path: Path) -> str:
    """The secret kept in `path`; made on the first start, by one of the processes that start at once.

    Raises BadSetting where the file holds no secret, or cannot be made.
    """
    try:
        while not path.exists():
            make_secret(path)
    except OSError as error:
        raise BadSetting(f"{path} cannot be written: {error.strerror}.") from None
    try:
        secret = path.read_text()
    except (OSError, UnicodeDecodeError):
        secret = ""
    if len(secret) < SECRET_CHARACTERS:
        raise BadSetting(f"{path} is damaged: delete it, and the next start makes a new one.")
    return secret


def make_secret(path: Path) -> None:
    """Makes the file, whole from its first instant, unless somebody else does meanwhile. Raises OSError."""
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    try:
        draft.write_text(secrets.token_urlsafe(SECRET_CHARACTERS))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
