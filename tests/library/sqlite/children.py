"""Children of this process, made by fork, that do something and tell how it went."""

import json
import os
import traceback
from collections.abc import Callable
from typing import Any

from stash_memory.errors import StashError, StoreUnavailable

NOBODY = 65534


def forked(act: Callable[[], object], *, nobody: bool = False) -> Any:
    """What `told` tells of a child that did `act`; with `nobody`, not as root."""
    return told(*started(act, nobody=nobody))


def started(act: Callable[[], object], *, nobody: bool = False) -> tuple[int, int]:
    """Starts the child: its pid, and the descriptor that `told` reads."""
    ours, its = os.pipe()
    pid = os.fork()
    if pid:
        os.close(its)
        return pid, ours
    status = 1
    try:
        if nobody and os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        try:
            said: Any = {"answer": act()}
        except StashError as error:
            applied = error.applied if isinstance(error, StoreUnavailable) else None
            said = {"error": type(error).__name__, "detail": error.detail, "applied": applied}
        os.write(its, json.dumps(said).encode())
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def told(pid: int, ours: int) -> Any:
    """Waits for the child; what it answered: {"answer": ...}, or {"error", "detail", "applied"}; None if it died."""
    with os.fdopen(ours, "rb") as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    return json.loads(said) if said else None
