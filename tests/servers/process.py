"""A server's process: on a port of its own, in a folder of its own, and never longer alive than the tests."""

import atexit
import contextlib
import itertools
import os
import random
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.leaks import scan


class Refused(Exception):
    """The server ended by itself while it started: its port was taken, most likely."""


turns = itertools.count(random.randrange(2_000))


def free_port(most: int = 65_535) -> int:
    """A port that is free now. Below those that the system gives out, and in turn, from this test process's own range:
    a server that is killed and started again finds its port as it left it.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw9").removeprefix("gw"))
    while True:
        port = 10_000 + worker % 10 * 2_000 + next(turns) % 2_000
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port <= most:
                return port


class Folder:
    """A folder that is removed when the run ends."""

    def __init__(self, name: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix=f"stash-{name}-", ignore_cleanup_errors=True)
        atexit.register(self._folder.cleanup)
        self.path = Path(self._folder.name)


class Process:
    """The command, in a session of its own, so that Ctrl-C ends the tests first and their servers after them.

    A guard waits at the end of a pipe that the tests hold: when they die, however they die, it kills the server.
    """

    def __init__(self, command: list[str], folder: Path) -> None:
        scan.logs.add(folder / "output")
        with open(folder / "output", "ab") as output:
            self._server = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", f"read line; kill -9 {self._server.pid}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.pid = self._server.pid
        atexit.register(self.kill)

    def check(self) -> None:
        """Raises Refused if it has ended."""
        if self._server.poll() is not None:
            raise Refused(self._server.returncode)

    def pause(self) -> None:
        """It does nothing more; its port still takes connections."""
        self._server.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on."""
        self._server.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Ends it in its own way, or in ours after five seconds."""
        if self._server.poll() is None:
            self._server.send_signal(signal.SIGCONT)
            self._server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._server.wait(5)
        self.kill()

    def kill(self) -> None:
        """Ends it at once, as a power cut would."""
        atexit.unregister(self.kill)
        # The guard goes first: later, the number may be another process's.
        self._guard.kill()
        self._guard.wait()
        if self._guard.stdin is not None:
            self._guard.stdin.close()
        if self._server.poll() is None:
            self._server.kill()
        self._server.wait()


def wait_until(ready: Callable[[], bool], process: Process | None = None, seconds: float = 10) -> None:
    """Waits until `ready()` is true. Raises Refused when the process ends, and TimeoutError."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process is not None:
            process.check()
        if time.monotonic() > deadline:
            raise TimeoutError(f"not ready within {seconds} s")
        time.sleep(0.01)
