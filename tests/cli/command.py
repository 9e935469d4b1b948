"""The real `stash`, in a process of its own, with pipes or on a terminal."""

import contextlib
import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.server_process import clean_environment

SECONDS = 60


class Done(NamedTuple):
    """How a command ended. `out` and `err` are what it wrote; on a terminal both are in `out`."""

    code: int
    out: str
    err: str

    @property
    def left(self) -> str:
        """What a terminal still shows at the end: how far a slow machine was is gone from it."""
        return "".join(line.rpartition("\r\x1b[K")[2] for line in self.out.splitlines(keepends=True))

    @property
    def document(self) -> Any:
        """Standard output, as JSON."""
        return json.loads(self.left)

    @property
    def lines(self) -> list[Any]:
        """Standard output, as a line of JSON each."""
        return [json.loads(line) for line in self.out.splitlines()]


class Command:
    """`stash` in the folder and with the home of one test, and with `settings` in its environment."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.settings = {"STASH_HOME": str(folder / "home"), **settings}

    def environment(self, **settings: str) -> dict[str, str]:
        """What the command starts with."""
        return clean_environment(**self.settings | settings)

    def arguments(self, arguments: Sequence[str]) -> list[str]:
        """What is run."""
        return [sys.executable, "-m", "stash_memory", *arguments]

    def __call__(self, *arguments: str, given: str | bytes = b"", **settings: str) -> Done:
        """Runs it with `given` on standard input, and pipes."""
        done = subprocess.run(
            self.arguments(arguments),
            env=self.environment(**settings),
            cwd=self.folder,
            input=given.encode() if isinstance(given, str) else given,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def on_terminal(
        self,
        *arguments: str,
        types: str = "",
        after: str = "",
        out: int | None = None,
        stdin: int | None = None,
        **settings: str,
    ) -> Done:
        """Runs it on a terminal, on which somebody `types` once `after` is to be read.

        Standard output goes to `out` and standard input comes from `stdin` instead, where they are given.
        """
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            self.arguments(arguments),
            env=self.environment(**{"TERM": "xterm", "NO_COLOR": ""} | settings),
            cwd=self.folder,
            stdin=theirs if stdin is None else stdin,
            stdout=theirs if out is None else out,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        seen, until = b"", time.monotonic() + SECONDS
        with contextlib.closing(os.fdopen(ours, "r+b", buffering=0)) as terminal:
            while time.monotonic() < until:
                if types and after in seen.decode(errors="replace"):
                    terminal.write(types.encode())
                    types = ""
                if select.select([terminal], [], [], 0.1)[0]:
                    try:
                        piece = terminal.read(4096)
                    except OSError:  # Linux says so when the other side was closed
                        piece = b""
                    if not piece:
                        break
                    seen += piece
        return Done(process.wait(timeout=SECONDS), seen.decode().replace("\r\n", "\n"), "")
