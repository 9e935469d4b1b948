"""STASH_HOME: files and folders that only their owner may read."""

import secrets
from pathlib import Path


def private_folder(path: Path) -> Path:
    """`path`, made if need be, for nobody else to read."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def private_file(path: Path) -> Path:
    """`path`, made if need be with mode 0600, which SQLite's own companions of it inherit."""
    path.touch(mode=0o600)
    return path


def secret_file(path: Path) -> str:
    """The secret kept in `path`; made on the first start, by one of the processes that start at once."""
    while not path.exists():
        draft = path.with_suffix(f".{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            continue
        finally:
            draft.unlink()
    return path.read_text()
