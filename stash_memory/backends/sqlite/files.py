"""The file on the disk: made for its owner's eyes only, and recognised when it is another one."""

import contextlib
import errno
import os
import stat
from typing import TypeAlias

Identity: TypeAlias = tuple[int, int]


def make(path: str) -> None:
    """Makes the file (mode 0600) and the folders that are missing (0700). Raises OSError."""
    folder = os.path.dirname(path)
    missing = []
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for folder in reversed(missing):
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            continue
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    with contextlib.suppress(FileExistsError):
        _make_file(path)


def _make_file(path: str) -> None:
    # Never opened where it exists: to close any descriptor of it drops all of this process's locks on it, SQLite's
    # too. mknod opens none; macOS keeps it for root, and there one thread may lose its first lock to another's.
    if os.path.lexists(path):
        return
    try:
        os.mknod(path, stat.S_IFREG | 0o600)
    except (PermissionError, AttributeError):
        # (Windows has no mknod.)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600))


def identity(path: str) -> Identity | None:
    """What the file at `path` is, whatever it is called; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
