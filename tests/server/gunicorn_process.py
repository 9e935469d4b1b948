"""A gunicorn with the worker under test, on a free port."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
LISTENS = re.compile(r"Listening at: http://127\.0\.0\.1:(\d+)")


class GunicornProcess:
    """Serves tests/server/app.py from its start to its `stop`. What it says is in `log`."""

    def __init__(self, folder: Path, *flags: str, worker: str = "tests.server.hasty.HastyWorker") -> None:
        self.path = folder / "gunicorn.log"
        command = [sys.executable, "-m", "gunicorn", "tests.server.app:application", "--worker-class", worker]
        command += ["--bind", "127.0.0.1:0", "--threads", "4", "--keep-alive", "75", "--log-level", "debug"]
        command += ["--no-control-socket", *flags]
        with self.path.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        self.port = int(self.wait_for(LISTENS)[1])
        self.wait_for(re.compile("Booting worker"))

    @property
    def log(self) -> str:
        """All it has said so far."""
        return self.path.read_text()

    def wait_for(self, pattern: re.Pattern[str], seconds: float = 15) -> re.Match[str]:
        """Waits until the log says so."""
        deadline = time.monotonic() + seconds
        while not (found := pattern.search(self.log)):
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError(f"No {pattern.pattern!r} in: {self.log}")
            time.sleep(0.01)
        return found

    def terminate(self) -> None:
        """SIGTERM: it may finish what is under way."""
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        """Ends it; returns its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
