"""SQLite's and the file system's errors, said in one sentence that names the file and what to do."""

import errno
import os
import shutil
import sqlite3

from stash_memory.errors import Applied, StashError, StoreFull, StoreUnavailable

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SCARCE_BYTES = 1 << 20


def failure(error: sqlite3.Error, path: str, *, committing: bool = False) -> StashError:
    """What to raise for `error`, from `error`. Only an I/O error in a COMMIT leaves `applied` unknown."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    match code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return full(path)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return locked(path)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return unwritable(path)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return damaged(path)
        case sqlite3.SQLITE_CANTOPEN:
            return unopenable(path)
        case sqlite3.SQLITE_IOERR:
            if code == sqlite3.SQLITE_IOERR_SHMSIZE or _no_room(path):
                return full(path)
            applied: Applied = "unknown" if committing else False
            return StoreUnavailable(f"The disk failed under {path} ({error}): check it.", applied=applied)
    return StoreUnavailable(f"SQLite could not do this on {path} ({error}): check the file, or move it away.")


def file_failure(error: OSError, path: str) -> StashError:
    """What to raise for `error`, met while the file or its folder was made."""
    if error.errno in _NO_ROOM:
        return full(path)
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return unwritable(path)
    if error.errno == errno.EISDIR:
        return StoreUnavailable(f"{path} is a folder: give the path of a file in it.")
    if error.errno in {errno.ENOTDIR, errno.EEXIST}:
        return StoreUnavailable(f"{path} lies inside what is not a folder: give another path.")
    return StoreUnavailable(f"{path} cannot be opened ({error.strerror}): give another path.")


def full(path: str) -> StoreFull:
    """There is no room on the disk."""
    return StoreFull(f"There is no room for {path}, and nothing was stored: free some of its disk.")


def locked(path: str) -> StoreUnavailable:
    """Another program held the file for as long as we wait."""
    return StoreUnavailable(f"{path} stayed locked for over 5 seconds: end what holds it, or try again.")


def unwritable(path: str) -> StoreUnavailable:
    """The file or its folder may not be written."""
    return StoreUnavailable(f"{path} cannot be written: let this user write to the file and to its folder.")


def damaged(path: str) -> StoreUnavailable:
    """The bytes in the file are not a store's."""
    return StoreUnavailable(f"{path} is damaged, or not a SQLite file: move it away and a new one is made.")


def unopenable(path: str) -> StoreUnavailable:
    """SQLite does not say more than this."""
    return StoreUnavailable(f"{path} cannot be opened: let this user read and write it and its folder.")


def _no_room(path: str) -> bool:
    # SQLite reports a quota or a limit on the size of files as a failed disk, and hides the errno.
    if _files_are_limited():
        return True
    try:
        return shutil.disk_usage(os.path.dirname(path)).free < _SCARCE_BYTES
    except OSError:
        return False


def _files_are_limited() -> bool:
    try:
        import resource
    except ImportError:  # Windows
        return False
    return resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY
