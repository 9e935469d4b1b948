"""A Celery worker, or beat, as a process of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.leaks import scan

ROOT = Path(__file__).parents[2]


class CeleryProcess:
    """`celery --app APP ROLE`, in the environment of the web server. Its log is `folder/ROLE.log`.

    `role` is as the command line has it: ("worker", "--concurrency", "1"), or ("beat",).
    """

    def __init__(
        self, environment: dict[str, str], folder: Path, *role: str, app: str = "tests.stack.hasty"
    ) -> None:
        self._command = [sys.executable, "-m", "celery", "--app", app, *role]
        self._environment = environment | {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
        self._folder = folder
        self.log = folder / f"{role[0]}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "CeleryProcess":
        """Starts it; it is at work some seconds later."""
        self._folder.mkdir(parents=True, exist_ok=True)
        scan.logs.add(self.log)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def kill(self) -> None:
        """SIGKILL, to all of its processes at once."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ends it in its own way, or in ours after thirty seconds."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()
